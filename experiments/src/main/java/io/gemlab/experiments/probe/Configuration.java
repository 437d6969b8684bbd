package io.gemlab.experiments.probe;

import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.ops.Precision;
import io.gemlab.ops.attention.Attention;

/**
 * A way to run a model.
 *
 * @param path who runs it
 * @param attention which attention; sdpa with permission to drop the cap
 * @param precision the type computed in
 */
public record Configuration(ExecutionPath path, Attention attention, Precision precision) {
  /** For people. */
  public String label() {
    return "%s path, %s attention, %s"
        .formatted(path.label(), attention.label(), precision.label());
  }
}
