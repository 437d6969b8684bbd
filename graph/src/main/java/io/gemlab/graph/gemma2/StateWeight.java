package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tensor of a program's state: one of the model's weights, or the same weight of every layer at
 * one place in the period, stacked along a new first dimension. Where the layers are cut into
 * segments, each has stacks of its own.
 *
 * @param name the weight's; of a stack with the first layer and the step where the layer's number
 *     stands: {@code model.layers.1by2.mlp.up_proj.weight} holds layers 1, 3, 5... of its segment
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
    return of(config, layers, List.of(LayerRange.of(config)), WeightSpec.of(config));
  }

  /**
   * Weights as a program keeps them whose layers are cut into segments.
   *
   * @param segments all layers, in order
   * @param weights the model's or its adapter's
   * @throws io.gemlab.graph.base.input.InvalidInput if a segment can't be scanned and should be
   */
  static List<StateWeight> of(
      Gemma2Config config,
      Depth.Layers layers,
      List<LayerRange> segments,
      List<WeightSpec> weights) {
    return switch (layers) {
      case UNROLLED -> weights.stream().map(StateWeight::single).toList();
      case SCANNED -> stacked(config, segments, weights);
    };
  }

  /** The first weight in it. */
  public WeightSpec first() {
    return weights.getFirst();
  }

  /** Whether it has a first dimension of layers. */
  public boolean isStack() {
    return shape.rank() > first().shape().rank();
  }

  private static StateWeight single(WeightSpec weight) {
    return new StateWeight(weight.name(), weight.shape(), List.of(weight));
  }

  private static List<StateWeight> stacked(
      Gemma2Config config, List<LayerRange> segments, List<WeightSpec> all) {
    Map<Integer, String> places = new HashMap<>();
    for (LayerRange segment : segments) {
      int length = LayerPeriod.of(config, segment).length();
      for (int layer = segment.first(); layer < segment.end(); layer++) {
        int place = segment.first() + (layer - segment.first()) % length;
        places.put(layer, place + "by" + length);
      }
    }
    Map<String, List<WeightSpec>> stacks = new LinkedHashMap<>();
    for (WeightSpec weight : all) {
      stacks.computeIfAbsent(stack(weight, places), name -> new ArrayList<>()).add(weight);
    }
    List<StateWeight> states = new ArrayList<>();
    stacks.forEach(
        (name, weights) -> {
          WeightSpec first = weights.getFirst();
          states.add(
              first.layer().isEmpty()
                  ? single(first)
                  : new StateWeight(name, first.shape().stacked(weights.size()), weights));
        });
    return states;
  }

  private static String stack(WeightSpec weight, Map<Integer, String> places) {
    if (weight.layer().isEmpty()) return weight.name();
    int layer = weight.layer().getAsInt();
    return weight.name().replace("." + layer + ".", "." + places.get(layer) + ".");
  }
}
