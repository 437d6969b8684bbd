package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.adapter.Lora;
import io.gemlab.graph.base.adapter.LoraFactor;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.ops.matrix.AdaptedMatrix;
import io.gemlab.ops.matrix.Matrix;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/**
 * Weights made of the tensors that they are stored as.
 *
 * @param quantization how matrices are stored
 * @param adapter what some of them have beside themselves
 */
record TensorWeights(Quantization quantization, Optional<Lora> adapter, StateTensors tensors)
    implements Weights {
  @Override
  public Operand<? extends TFloating> get(String name) {
    return Tensors.floating(tensors.get(name));
  }

  @Override
  public Matrix matrix(String name) {
    Matrix own = quantization.matrix(tensors::get, name);
    return adapter
        .filter(lora -> lora.targets(name))
        .<Matrix>map(
            lora ->
                new AdaptedMatrix(
                    own, get(LoraFactor.A.of(name)), get(LoraFactor.B.of(name)), lora.scale()))
        .orElse(own);
  }
}
