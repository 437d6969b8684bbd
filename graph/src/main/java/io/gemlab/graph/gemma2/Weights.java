package io.gemlab.graph.gemma2;

import io.gemlab.ops.matrix.Matrix;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/** A model's weights by Hugging Face's names. It never knows where they live. */
public interface Weights {
  /** A norm's weight, in the type it is kept in. */
  Operand<? extends TFloating> vector(String name);

  /** The embedding or a projection. */
  Matrix matrix(String name);
}
