/**
 * What this machine has and can do: one {@code Check} a subject, each found out by trying where
 * that is possible, with the remedy for what is missing; and the same of a checkpoint's folder.
 */
package io.gemlab.experiments.doctor;
