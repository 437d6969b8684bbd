package io.gemlab.graph.generate;

import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.path.ClusteredPath;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.ops.Precision;
import io.gemlab.ops.attention.EagerAttention;

/**
 * How to load a model. Begin with {@link #defaults} and change what differs.
 *
 * @param precision what it computes in, and keeps weights and cache in; bfloat16 is the precision
 *     of reference
 * @param path how it runs
 * @param choice which attention
 */
public record LoadOptions(Precision precision, ExecutionPath path, OpChoice choice) {
  private static final LoadOptions DEFAULTS =
      new LoadOptions(Precision.BFLOAT16, new ClusteredPath(), OpChoice.of(new EagerAttention()));

  /** bfloat16, on the clustered path, with eager attention. */
  public static LoadOptions defaults() {
    return DEFAULTS;
  }

  public LoadOptions withPrecision(Precision other) {
    return new LoadOptions(other, path, choice);
  }

  public LoadOptions withPath(ExecutionPath other) {
    return new LoadOptions(precision, other, choice);
  }

  public LoadOptions withChoice(OpChoice other) {
    return new LoadOptions(precision, path, other);
  }
}
