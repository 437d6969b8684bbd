package io.gemlab.graph.gemma2;

import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/**
 * A model's weights by Hugging Face's names, or stacks of them by the names of {@link StateWeight}.
 * It never knows where they live.
 */
@FunctionalInterface
public interface Weights {
  /** The weight of a name, in the type it is kept in. */
  Operand<? extends TFloating> get(String name);
}
