package io.gemlab.experiments.eval.metric;

import io.gemlab.reports.statistics.items.Aggregate;

/**
 * A number that a task's items come to.
 *
 * @param name such as {@code acc}, or with a filter {@code exact_match,strict-match}
 * @param aggregate what is made of the items' values
 * @param higherIsBetter whether more of it is better
 */
public record Metric(String name, Aggregate aggregate, boolean higherIsBetter) {}
