package io.gemlab.experiments.merge.method;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A method's parameters for one tensor.
 *
 * @param ofMerge by name, those of a front's point among them
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

  /** Those of several inputs. */
  double[] ofModels(String name, int... inputs) {
    return Arrays.stream(inputs).mapToDouble(input -> ofModel(name, input)).toArray();
  }

  /** The same with one more of the merge. */
  public ParameterValues with(String name, double value) {
    Map<String, Double> more = new HashMap<>(ofMerge);
    more.put(name, value);
    return new ParameterValues(more, ofModels);
  }
}
