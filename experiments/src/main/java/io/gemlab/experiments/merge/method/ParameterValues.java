package io.gemlab.experiments.merge.method;

import java.util.List;
import java.util.Map;

/**
 * A method's parameters for one tensor.
 *
 * @param ofMerge by name
 * @param ofModels by name, a value for each input in the inputs' order, the base's among them,
 *     which nobody reads
 */
public record ParameterValues(Map<String, Double> ofMerge, Map<String, List<Double>> ofModels) {
  public ParameterValues {
    ofMerge = Map.copyOf(ofMerge);
    ofModels = Map.copyOf(ofModels);
  }

  double number(String name) {
    return ofMerge.get(name);
  }

  boolean flag(String name) {
    return ofMerge.get(name) != 0;
  }

  /** An input's value. */
  double ofModel(String name, int input) {
    return ofModels.get(name).get(input);
  }
}
