/**
 * {@code gemlab train}: from a recipe to a folder of checkpoints, metrics and a report. The loop
 * itself, which every experiment shares, is in {@code experiments.train}.
 */
package io.gemlab.experiments.trainer;
