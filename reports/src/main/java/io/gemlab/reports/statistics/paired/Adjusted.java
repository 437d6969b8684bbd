package io.gemlab.reports.statistics.paired;

/**
 * A test that was one of several, with its p-value adjusted for that.
 *
 * @param <T> the kind of test
 * @param test with its own, unadjusted p-value
 * @param pValue adjusted by {@link Holm} over the family
 */
public record Adjusted<T>(T test, double pValue) {}
