package io.gemlab.experiments.merge.plan;

import io.gemlab.experiments.merge.method.ParameterValues;
import io.gemlab.experiments.merge.method.Rounding;
import io.gemlab.experiments.merge.method.TensorInputs;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import java.util.List;
import java.util.OptionalInt;

/**
 * A tensor of the result: what it is made of and how.
 *
 * @param name in the result
 * @param stored what it is stored as
 * @param inputs what is merged, in the recipe's order
 * @param base which input is the base; empty where the method has none
 * @param values of the method's parameters
 */
public record PlannedTensor(
    String name,
    TensorShape shape,
    ElementType stored,
    List<Input> inputs,
    OptionalInt base,
    ParameterValues values) {
  /**
   * A tensor of a model.
   *
   * @param name that the model has for it
   * @param type what the model stores it as
   */
  public record Input(InputModel model, String name, ElementType type) {
    /** Bytes that are read of it. */
    long bytes(TensorShape shape) {
      return shape.elements() * type.byteSize();
    }
  }

  public PlannedTensor {
    inputs = List.copyOf(inputs);
  }

  /**
   * The inputs, to be read.
   *
   * @param rounding what values are rounded to as they are read
   */
  public TensorInputs inputs(Rounding rounding) {
    return new TensorInputs(
        name,
        shape,
        inputs.stream().map(input -> input.model().float32(input.name())).toList(),
        base,
        rounding);
  }

  /** Bytes that it takes. */
  public long bytes() {
    return shape.elements() * stored.byteSize();
  }

  /** Bytes that its inputs take. */
  public long inputBytes() {
    return inputs.stream().mapToLong(input -> input.bytes(shape)).sum();
  }
}
