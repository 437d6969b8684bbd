/**
 * What this machine has and can do: one {@code Check} a subject, each found out by trying where
 * that is possible, with the remedy for what is missing.
 */
package io.gemlab.experiments.doctor;
