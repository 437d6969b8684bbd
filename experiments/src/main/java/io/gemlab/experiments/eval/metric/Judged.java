package io.gemlab.experiments.eval.metric;

import java.util.Map;

/**
 * An item's answers, judged.
 *
 * @param metrics each metric's value, in order
 * @param extracted what each filter took out of a generated text, by the filter's name
 */
public record Judged(Map<Metric, Measured> metrics, Map<String, String> extracted) {}
