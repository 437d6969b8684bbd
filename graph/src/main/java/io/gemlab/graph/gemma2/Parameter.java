package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.quantize.Quantization;
import java.util.List;

/**
 * A weight as a program keeps it.
 *
 * @param weight which
 * @param storageType the type it is kept in, where it is not quantized
 * @param quantization how it is; {@link Quantization#NONE} for a norm
 * @param trained whether a training step changes it
 */
public record Parameter(
    StateWeight weight, ElementType storageType, Quantization quantization, boolean trained) {

  /** The weight's name. */
  public String name() {
    return weight.name();
  }

  /** The state tensors that it is kept as: itself, or the values and scales of a quantized one. */
  public List<TensorSpec> states() {
    return quantization.states(name(), weight.shape(), storageType);
  }
}
