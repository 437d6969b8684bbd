/**
 * Scores of many items, such as a benchmark's questions: {@link
 * io.gemlab.reports.statistics.items.ItemScore} with its standard error, {@link
 * io.gemlab.reports.statistics.items.PairedScores} of two models on the same items, {@link
 * io.gemlab.reports.statistics.items.FormatSpread} of one model over ways to ask, and {@link
 * io.gemlab.reports.statistics.items.CheckpointNoise} over the checkpoints of a run.
 */
package io.gemlab.reports.statistics.items;
