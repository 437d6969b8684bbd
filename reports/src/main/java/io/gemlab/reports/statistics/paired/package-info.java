/**
 * Arms under the same seeds: {@link io.gemlab.reports.statistics.paired.PairedComparison}, {@link
 * io.gemlab.reports.statistics.paired.Equivalence} ("no difference" as a tested finding) and {@link
 * io.gemlab.reports.statistics.paired.Holm} for many comparisons at once.
 */
package io.gemlab.reports.statistics.paired;
