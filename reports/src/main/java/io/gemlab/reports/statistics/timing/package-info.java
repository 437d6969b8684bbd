/** Medians of timings and ratios of them, with bootstrap intervals. */
package io.gemlab.reports.statistics.timing;
