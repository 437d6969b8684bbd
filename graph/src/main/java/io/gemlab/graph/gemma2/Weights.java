package io.gemlab.graph.gemma2;

import io.gemlab.ops.matrix.Matrix;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/** A model's weights by Hugging Face's names. It never knows where they live. */
public interface Weights {
  /** The weight of a name, in the type it is stored in; not of a matrix that is quantized. */
  Operand<? extends TFloating> get(String name);

  /** The embedding or a projection, which may be quantized. */
  Matrix matrix(String name);
}
