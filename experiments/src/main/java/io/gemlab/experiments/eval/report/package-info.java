/**
 * The report of an evaluation: scores with their intervals, what was asked and how it was counted,
 * and what a comparison with an earlier evaluation shows. Blocks of {@code reports}, made of {@code
 * result}'s values.
 */
package io.gemlab.experiments.eval.report;
