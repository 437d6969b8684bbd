package io.gemlab.graph.base.adapter;

import io.gemlab.graph.base.tensor.TensorShape;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One of the two matrices whose product an adapter adds to a weight: {@code W + scale * B A}. */
public enum LoraFactor {
  /** [r, in]. */
  A("lora_A"),
  /** [out, r]. */
  B("lora_B");

  private static final String WEIGHT = ".weight";

  private final String module;

  LoraFactor(String module) {
    this.module = module;
  }

  /**
   * What it is called beside the weight that it belongs to: {@code ...q_proj.lora_A.weight} for
   * {@code ...q_proj.weight}.
   *
   * @throws IllegalArgumentException if {@code weight} doesn't end with {@code .weight}
   */
  public String of(String weight) {
    if (!weight.endsWith(WEIGHT)) {
      throw new IllegalArgumentException(weight + " is no weight of a module");
    }
    return weight.substring(0, weight.length() - WEIGHT.length()) + suffix();
  }

  /** Which one a tensor is by its name; empty where it is none. */
  public static Optional<LoraFactor> named(String name) {
    return Stream.of(values()).filter(factor -> name.endsWith(factor.suffix())).findFirst();
  }

  /**
   * The weight that a tensor of this name belongs to.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  public String weightOf(String name) {
    if (!name.endsWith(suffix())) {
      throw new IllegalArgumentException(name + " is no " + module);
    }
    return name.substring(0, name.length() - suffix().length()) + WEIGHT;
  }

  /** Its shape beside a weight of [out, in]. */
  public TensorShape shape(TensorShape weight, int rank) {
    List<Long> dimensions = weight.dimensions();
    return switch (this) {
      case A -> TensorShape.of(rank, dimensions.getLast());
      case B -> TensorShape.of(dimensions.getFirst(), rank);
    };
  }

  private String suffix() {
    return "." + module + WEIGHT;
  }
}
