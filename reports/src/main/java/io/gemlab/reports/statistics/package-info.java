/**
 * What the numbers of an experiment say, and how sure one can be: {@link
 * io.gemlab.reports.statistics.Summary} of one sample, {@link
 * io.gemlab.reports.statistics.PairedComparison} of two arms under the same seeds, {@link
 * io.gemlab.reports.statistics.Equivalence} ("no difference" as a tested finding), {@link
 * io.gemlab.reports.statistics.Holm} for many comparisons at once, {@link
 * io.gemlab.reports.statistics.MedianEstimate} and {@link io.gemlab.reports.statistics.MedianRatio}
 * of timings, {@link io.gemlab.reports.statistics.MainEffects} of factors over a grid of runs.
 * Distributions come from commons-statistics, the least-squares fit from Tribuo. No files and no
 * formatting here.
 */
package io.gemlab.reports.statistics;
