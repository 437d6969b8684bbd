package io.gemlab.experiments.bench.jmh;

import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.ops.attention.AttentionSpec;
import java.util.OptionalInt;

/**
 * The sizes that an op has in a model.
 *
 * @param config the model's
 * @param batch B
 * @param length T
 */
record OpSizes(Gemma2Config config, int batch, int length) {
  /** M = B * T. */
  long positions() {
    return (long) batch * length;
  }

  /** What a layer's attention computes that sees everything before it. */
  AttentionSpec globalAttention() {
    AttentionSpec first = config.attention(0);
    return new AttentionSpec(
        first.heads(),
        first.kvHeads(),
        first.headDim(),
        first.scale(),
        first.softcap(),
        OptionalInt.empty());
  }
}
