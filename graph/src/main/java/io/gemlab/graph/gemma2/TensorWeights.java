package io.gemlab.graph.gemma2;

import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.ops.matrix.Matrix;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/**
 * Weights made of the tensors that they are stored as.
 *
 * @param quantization how matrices are stored
 */
record TensorWeights(Quantization quantization, StateTensors tensors) implements Weights {
  @Override
  public Operand<? extends TFloating> get(String name) {
    return Tensors.floating(tensors.get(name));
  }

  @Override
  public Matrix matrix(String name) {
    return quantization.matrix(tensors::get, name);
  }
}
