package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Scalars;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The forward pass over whole rows as a function: {@code (weights; tokens, positions) -> logits}.
 *
 * @param model what is run; weights are kept in the type it computes in
 * @param rows B
 * @param length T
 * @param packing what a row holds
 */
public record ForwardPass<T extends TFloating>(
    Gemma2Model<T> model, int rows, int length, Packing packing) {
  /** The forward pass over rows that are one text each. */
  public ForwardPass(Gemma2Model<T> model, int rows, int length) {
    this(model, rows, length, Packing.NONE);
  }

  /** The capped logits, float32 [B, T, V]. */
  public static final String LOGITS = "logits";

  /** What else to return. */
  public enum Returns {
    LOGITS_ONLY,
    /**
     * Also {@code hidden.embed}, {@code hidden.layer0}... and {@code hidden.final_norm}, float32.
     */
    HIDDEN_STATES
  }

  /**
   * Traces it as function {@code name}.
   *
   * @throws InvalidInput if hidden states are asked of scanned layers, which keep none
   */
  public GraphFunction trace(String name, Returns returns) {
    if (returns == Returns.HIDDEN_STATES && model.depth().layers() == Depth.Layers.SCANNED) {
      throw new InvalidInput(
          "scanned layers keep no hidden states to return; choose unrolled layers");
    }
    try (Trace trace = new Trace(name)) {
      Ops tf = trace.ops();
      ModelTrace<T> traced = ModelTrace.of(trace, model);
      ModelTrace.Tokens tokens = traced.tokens(rows, length, packing);
      Gemma2Model.Hidden<T> hidden = model.forward(traced, tokens);
      Operand<TFloat32> logits_MV =
          model.logits(tf, model.rawLogits(tf, traced.weights(), hidden.normed()));
      long[] shape = {rows, length, model.config().vocabSize()};
      if (returns == Returns.HIDDEN_STATES) {
        trace.result("hidden.embed", Scalars.toFloat32(tf, hidden.embedded()));
        for (int i = 0; i < hidden.layers().size(); i++) {
          trace.result("hidden.layer" + i, Scalars.toFloat32(tf, hidden.layers().get(i)));
        }
        trace.result("hidden.final_norm", Scalars.toFloat32(tf, hidden.normed()));
      }
      trace.result(LOGITS, tf.reshape(logits_MV, tf.constant(shape)));
      return trace.finish();
    }
  }
}
