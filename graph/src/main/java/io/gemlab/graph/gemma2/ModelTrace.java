package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.Trace;
import java.util.HashMap;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * A model in a trace: its weights as state, by the names of {@link StateWeight}, and its tokens as
 * arguments.
 *
 * @param parameters what the weights are stored as, and which are trained
 * @param tensors the state that they are stored in
 * @param weights the weights made of it
 */
public record ModelTrace<T extends TFloating>(
    Trace trace, Parameters parameters, StateTensors tensors, Weights weights) {
  /**
   * The arguments that hold tokens.
   *
   * @param ids_BT [B, T], each in [0, V)
   * @param places where they stand
   */
  public record Tokens(Operand<TInt32> ids_BT, Places places) {
    /** {@link Places#positions_BT}. */
    public Operand<TInt32> positions_BT() {
      return places.positions_BT();
    }
  }

  /** Declares the weights of a model that is not trained, all stored in the type computed in. */
  public static <T extends TFloating> ModelTrace<T> of(Trace trace, Gemma2Model<T> model) {
    return of(trace, model, Parameters.of(model, Tensors.elementType(model.type())));
  }

  /** Declares a model's weights. */
  public static <T extends TFloating> ModelTrace<T> of(
      Trace trace, Gemma2Model<T> model, Parameters parameters) {
    Map<String, Operand<?>> declared = new HashMap<>();
    for (Parameter parameter : parameters.all()) {
      for (TensorSpec spec : parameter.states()) {
        Class<? extends TType> type = Tensors.type(spec.type());
        declared.put(spec.name(), trace.state(spec.name(), parameter.role(), type, spec.shape()));
      }
    }
    return new ModelTrace<>(trace, parameters, declared::get, model.weights(declared::get));
  }

  /** Declares the tokens of a batch whose rows are one text each. */
  public Tokens tokens(int rows, int length) {
    return tokens(rows, length, Packing.NONE);
  }

  /** Declares the tokens of a batch. */
  public Tokens tokens(int rows, int length, Packing packing) {
    TensorShape shape = TensorShape.of(rows, length);
    Operand<TInt32> ids_BT = trace.argument(TokenBatch.INPUT_IDS, TInt32.class, shape);
    Operand<TInt32> positions_BT = trace.argument(TokenBatch.POSITIONS, TInt32.class, shape);
    return new Tokens(
        ids_BT,
        new Places(
            positions_BT,
            switch (packing) {
              case NONE -> new Places.Sharing.None();
              case DOCUMENTS ->
                  new Places.Sharing.Documents(
                      trace.argument(TokenBatch.DOCUMENTS, TInt32.class, shape));
            }));
  }

  /**
   * Declares the tokens of rows of texts that share beginnings.
   *
   * @param ends what the argument is called that says how far a token is seen
   */
  public Tokens branches(int rows, int length, String ends) {
    Tokens tokens = tokens(rows, length);
    Operand<TInt32> ends_BT = trace.argument(ends, TInt32.class, TensorShape.of(rows, length));
    return new Tokens(
        tokens.ids_BT(), new Places(tokens.positions_BT(), new Places.Sharing.Branches(ends_BT)));
  }
}
