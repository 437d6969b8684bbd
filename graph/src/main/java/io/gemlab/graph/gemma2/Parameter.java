package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.quantize.Quantization;
import java.util.List;

/**
 * A weight as a program keeps it.
 *
 * @param weight which
 * @param storageType the type it is kept in, where it is not quantized
 * @param quantization how it is; {@link Quantization#NONE} for a norm and an adapter
 * @param trained whether a training step changes it
 */
public record Parameter(
    StateWeight weight, ElementType storageType, Quantization quantization, boolean trained) {

  /** The weight's name. */
  public String name() {
    return weight.name();
  }

  /** What its state is kept for. */
  public StateRole role() {
    return isAdapter() ? StateRole.ADAPTER : StateRole.WEIGHT;
  }

  /** Whether it is an adapter's and no weight of the model's own. */
  public boolean isAdapter() {
    return weight.first().kind().isAdapter();
  }

  /** The state tensors that it is kept as: itself, or the values and scales of a quantized one. */
  public List<TensorSpec> states() {
    return quantization.states(name(), weight.shape(), storageType);
  }
}
