/**
 * What the numbers of an experiment say, and how sure one can be: {@link
 * io.gemlab.reports.statistics.Summary} of one sample. {@code paired} compares arms under the same
 * seeds, {@code effects} has factors over a grid of runs, {@code timing} has timings, {@code items}
 * has scores of a benchmark's items. Distributions come from commons-statistics, the least-squares
 * fit from Tribuo. No files and no formatting here.
 */
package io.gemlab.reports.statistics;
