package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.matrix.DenseMatrix;
import io.gemlab.ops.matrix.Matrix;
import java.util.HashMap;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * A model in a trace: its weights as state, by the names of {@link StateWeight}, and its tokens as
 * arguments.
 *
 * @param weights the weights, in the type they are kept in
 */
public record ModelTrace<T extends TFloating>(Trace trace, Weights weights) {
  /** The two arguments. */
  public record Tokens(Operand<TInt32> ids_BT, Operand<TInt32> positions_BT) {}

  /**
   * Declares a model's weights.
   *
   * @param kept the type weights are kept in, matrices only where they are not quantized
   */
  public static <T extends TFloating> ModelTrace<T> of(
      Trace trace, Gemma2Model<T> model, Class<? extends TFloating> kept) {
    Map<String, Operand<? extends TFloating>> dense = new HashMap<>();
    Map<String, Matrix> matrices = new HashMap<>();
    for (StateWeight weight : model.weights()) {
      String name = weight.name();
      if (weight.first().isNorm()) {
        dense.put(name, trace.state(name, kept, weight.shape()));
        continue;
      }
      Matrix matrix = model.quantization().matrix(trace, name, weight.shape(), kept);
      matrices.put(name, matrix);
      if (matrix instanceof DenseMatrix floats) dense.put(name, floats.weight_OI());
    }
    return new ModelTrace<>(trace, new Declared(dense, matrices));
  }

  private record Declared(
      Map<String, Operand<? extends TFloating>> dense, Map<String, Matrix> matrices)
      implements Weights {
    @Override
    public Operand<? extends TFloating> get(String name) {
      return dense.get(name);
    }

    @Override
    public Matrix matrix(String name) {
      return matrices.get(name);
    }
  }

  /** Declares the tokens of a batch. */
  public Tokens tokens(int rows, int length) {
    TensorShape shape = TensorShape.of(rows, length);
    return new Tokens(
        trace.argument(TokenBatch.INPUT_IDS, TInt32.class, shape),
        trace.argument(TokenBatch.POSITIONS, TInt32.class, shape));
  }
}
