package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.tensor.TensorShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tensor of a program's state: one of the model's weights, or the same weight of every layer at
 * one place in the period, stacked along a new first dimension.
 *
 * @param name the weight's; of a stack with the first layer and the step where the layer's number
 *     stands: {@code model.layers.1by2.mlp.up_proj.weight} holds layers 1, 3, 5...
 * @param shape the tensor's
 * @param weights what it holds, in order; one where nothing is stacked
 */
public record StateWeight(String name, TensorShape shape, List<WeightSpec> weights) {
  public StateWeight {
    weights = List.copyOf(weights);
  }

  /**
   * The weights of a model as a program keeps them.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if the layers can't be scanned and should be
   */
  public static List<StateWeight> of(Gemma2Config config, Depth.Layers layers) {
    return switch (layers) {
      case UNROLLED -> WeightSpec.of(config).stream().map(StateWeight::single).toList();
      case SCANNED -> stacked(config, LayerPeriod.of(config));
    };
  }

  /** The first weight in it. */
  public WeightSpec first() {
    return weights.getFirst();
  }

  private static StateWeight single(WeightSpec weight) {
    return new StateWeight(weight.name(), weight.shape(), List.of(weight));
  }

  private static List<StateWeight> stacked(Gemma2Config config, LayerPeriod period) {
    Map<String, List<WeightSpec>> stacks = new LinkedHashMap<>();
    for (WeightSpec weight : WeightSpec.of(config)) {
      stacks.computeIfAbsent(stack(weight, period), name -> new ArrayList<>()).add(weight);
    }
    List<StateWeight> states = new ArrayList<>();
    stacks.forEach(
        (name, weights) -> {
          WeightSpec first = weights.getFirst();
          states.add(
              first.layer().isEmpty()
                  ? single(first)
                  : new StateWeight(name, first.shape().stacked(period.turns()), weights));
        });
    return states;
  }

  private static String stack(WeightSpec weight, LayerPeriod period) {
    if (weight.layer().isEmpty()) return weight.name();
    int layer = weight.layer().getAsInt();
    String place = layer % period.length() + "by" + period.length();
    return weight.name().replace("." + layer + ".", "." + place + ".");
  }
}
