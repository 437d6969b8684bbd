package io.gemlab.graph.generate;

import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.Precision;
import io.gemlab.ops.attention.EagerAttention;

/**
 * How to load a model. Begin with {@link #defaults} and change what differs.
 *
 * @param precision what it computes in, and keeps cache and unquantized weights in; bfloat16 is the
 *     precision of reference
 * @param quantization how matrices are kept; they are quantized as they are read
 * @param path how it runs
 * @param choice which attention
 */
public record LoadOptions(
    Precision precision, Quantization quantization, ExecutionPath path, OpChoice choice) {
  private static final LoadOptions DEFAULTS =
      new LoadOptions(
          Precision.BFLOAT16,
          Quantization.NONE,
          new ClusteredPath().withProducts(Products.measured()),
          OpChoice.of(new EagerAttention()));

  /**
   * bfloat16, not quantized, on the clustered path with products by timings, with eager attention.
   */
  public static LoadOptions defaults() {
    return DEFAULTS;
  }

  public LoadOptions withPrecision(Precision other) {
    return new LoadOptions(other, quantization, path, choice);
  }

  public LoadOptions withQuantization(Quantization other) {
    return new LoadOptions(precision, other, path, choice);
  }

  public LoadOptions withPath(ExecutionPath other) {
    return new LoadOptions(precision, quantization, other, choice);
  }

  public LoadOptions withChoice(OpChoice other) {
    return new LoadOptions(precision, quantization, path, other);
  }

  /** The model that a checkpoint of this config is loaded as. */
  public Gemma2Model<?> model(Gemma2Config config) {
    return new Gemma2Model<>(config, choice, precision.type(), quantization);
  }
}
