package io.gemlab.graph.gemma2;

import io.gemlab.graph.tensor.TensorShape;
import io.gemlab.graph.trace.Trace;
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
  /** Tokens, int32 [B, T]. */
  public static final String INPUT_IDS = "input_ids";

  /** Where each token stands, int32 [B, T]; below 0 for padding. */
  public static final String POSITIONS = "positions";

  /** The two arguments. */
  public record Tokens(Operand<TInt32> ids_BT, Operand<TInt32> positions_BT) {}

  /**
   * Declares a model's weights.
   *
   * @param kept the type weights are kept in
   */
  public static <T extends TFloating> ModelTrace<T> of(
      Trace trace, Gemma2Model<T> model, Class<? extends TFloating> kept) {
    Map<String, Operand<? extends TFloating>> weights = new HashMap<>();
    for (StateWeight weight : model.weights()) {
      weights.put(weight.name(), trace.state(weight.name(), kept, weight.shape()));
    }
    return new ModelTrace<>(trace, weights::get);
  }

  /** Declares the tokens of a batch. */
  public Tokens tokens(int rows, int length) {
    TensorShape shape = TensorShape.of(rows, length);
    return new Tokens(
        trace.argument(INPUT_IDS, TInt32.class, shape),
        trace.argument(POSITIONS, TInt32.class, shape));
  }
}
