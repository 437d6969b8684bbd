package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A number that a log has of many steps, as TensorBoard and {@code curves.csv} have it.
 *
 * @param key in the log; of a list, one number a layer
 * @param tag what it is called; of a list followed by the layer
 * @param unit empty for none
 */
record Curve(String key, String tag, String unit) {
  private static final String NATS = "nats a token";
  private static final String FRACTION = "fraction";

  /** Of {@code metrics.jsonl}. */
  static final List<Curve> OF_STEPS =
      List.of(
          train(Metrics.LOSS, NATS),
          train(Metrics.TOKENS, "tokens"),
          train(Metrics.GRADIENT_NORM, ""),
          train(Metrics.LEARNING_RATE, ""),
          train(Metrics.LOSS_SCALE, ""),
          train(Metrics.UNCHANGED, FRACTION),
          train(Metrics.SECONDS, "s"),
          train(Metrics.REDUCE_SECONDS, "s"),
          train(Metrics.TOKENS_PER_SECOND, "tokens/s"),
          train(Metrics.MFU, FRACTION));

  /** Of {@code evaluations.jsonl}. */
  static final List<Curve> OF_EVALUATIONS =
      List.of(new Curve(Evaluations.LOSS, "validation/loss", NATS));

  /** Of {@code diagnostics.jsonl}. */
  static final List<Curve> OF_DIAGNOSTICS =
      List.of(
          train(Metrics.LOST, FRACTION),
          new Curve(Diagnostics.LARGEST, Diagnostics.LARGEST, ""),
          new Curve(Diagnostics.NEAR_CAP, Diagnostics.NEAR_CAP, FRACTION));

  private static Curve train(String key, String unit) {
    return new Curve(key, "train/" + key, unit);
  }

  /** What a line of the log has of it, by tag; none where it has nothing. */
  Map<String, Double> of(ObjectNode line) {
    Map<String, Double> values = new LinkedHashMap<>();
    JsonNode value = line.path(key);
    if (value.isNumber()) values.put(tag, value.asDouble());
    for (int layer = 0; layer < value.size(); layer++) {
      values.put(tag + "/layer_" + layer, value.get(layer).asDouble());
    }
    return values;
  }
}
