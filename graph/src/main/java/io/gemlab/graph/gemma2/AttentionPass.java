package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.attention.AttentionMask;
import io.gemlab.ops.attention.AttentionSpec;
import io.gemlab.ops.attention.ScoreStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The attention scores of each layer over whole rows as a function: {@code (weights; tokens,
 * positions) -> statistics}. It shares the state of a training step of the same parameters, and
 * runs the layers once more.
 *
 * @param model what is run
 * @param parameters how its weights are stored
 * @param rows B
 * @param length T
 * @param packing what a row holds
 */
public record AttentionPass<T extends TFloating>(
    Gemma2Model<T> model, Parameters parameters, int rows, int length, Packing packing) {
  /** The largest magnitude of a score before the cap, float32 [L]. */
  public static final String LARGEST = "attention.largest_logit";

  /** The share of scores whose magnitude before the cap is above 0.9 of it, float32 [L]. */
  public static final String NEAR_CAP = "attention.near_cap";

  /** Where a score counts as near the cap. */
  private static final double NEAR = 0.9;

  /**
   * Traces it as function {@code name}. Where the model has no cap, there is no {@link #NEAR_CAP}.
   */
  public GraphFunction trace(String name) {
    try (Trace trace = new Trace(name)) {
      ModelTrace<T> traced = ModelTrace.of(trace, model, parameters);
      Statistics statistics = new Statistics(trace.ops().withSubScope("attention"), cap());
      model.observe(traced, traced.tokens(rows, length, packing), statistics);
      trace.result(LARGEST, trace.ops().stack(statistics.largest));
      if (cap().isPresent()) trace.result(NEAR_CAP, trace.ops().stack(statistics.beyond));
      return trace.finish();
    }
  }

  private OptionalDouble cap() {
    return model.config().attnLogitSoftcapping().cap();
  }

  /** Gathers layer after layer. */
  private static final class Statistics implements AttentionObserver {
    private final Ops tf;
    private final OptionalDouble limit;
    private final List<Operand<TFloat32>> largest = new ArrayList<>();
    private final List<Operand<TFloat32>> beyond = new ArrayList<>();

    Statistics(Ops tf, OptionalDouble cap) {
      this.tf = tf;
      this.limit =
          cap.isPresent() ? OptionalDouble.of(NEAR * cap.getAsDouble()) : OptionalDouble.empty();
    }

    @Override
    public <T extends TFloating> void attends(
        int layer, AttentionSpec spec, AttentionMask mask, Operand<T> q_BTNH, Operand<T> k_BSKH) {
      ScoreStatistics layers =
          ScoreStatistics.of(tf.withSubScope("layers." + layer), spec, mask, q_BTNH, k_BSKH, limit);
      largest.add(layers.largest());
      beyond.add(layers.beyond());
    }
  }
}
