package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.util.OptionalInt;

/**
 * The FLOPs that a model asks for, by its architecture alone: two for each multiply-add of its
 * matrix products, nothing counted twice that an implementation computes twice, and of attention
 * only the pairs of positions that causality and the sliding window leave. This is the convention
 * of the FLOPs a token that MFU is given by.
 */
public final class ModelFlops {
  private ModelFlops() {}

  /** How often each product of the model is computed in a pass. */
  public enum Pass {
    /** Once. */
    FORWARD(1, 1),
    /** Once forward, and once for each of its two operands' gradients. */
    TRAINING(3, 3),
    /** As in training, but of weights that are frozen under an adapter, which have no gradient. */
    FROZEN_TRAINING(2, 3);

    private final int ofWeights;
    private final int ofAttention;

    Pass(int ofWeights, int ofAttention) {
      this.ofWeights = ofWeights;
      this.ofAttention = ofAttention;
    }
  }

  /**
   * Of whole rows. Weights of two dimensions multiply every token, the tied embedding once, as the
   * head.
   *
   * @param rows B
   * @param length T, without padding
   */
  public static double of(Gemma2Config config, Pass pass, int rows, int length) {
    return pass.ofWeights * 2.0 * rows * length * weights(config)
        + ofAttention(config, pass, rows, length);
  }

  /** Of a batch: padding asks for nothing, and no document sees another. */
  public static double of(Gemma2Config config, Pass pass, TokenBatch batch) {
    return batch.documentLengths().mapToDouble(length -> of(config, pass, 1, length)).sum();
  }

  /**
   * Of one new token a row, the last that its cache has room for.
   *
   * @param rows B
   * @param capacity positions that the cache has room for
   */
  public static double ofDecoding(Gemma2Config config, int rows, int capacity) {
    return 2.0 * rows * weights(config)
        + ofAttention(config, Pass.FORWARD, rows, capacity)
        - ofAttention(config, Pass.FORWARD, rows, capacity - 1);
  }

  /**
   * Of the products of queries with keys and of probabilities with values.
   *
   * @param rows B
   * @param length T, without padding
   */
  public static double ofAttention(Gemma2Config config, Pass pass, int rows, int length) {
    double pairs = 0;
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      pairs += visiblePairs(length, config.attention(layer).window());
    }
    double perPair = 2.0 * 2 * config.numAttentionHeads() * config.headDim();
    return pass.ofAttention * perPair * rows * pairs;
  }

  /** Weights that multiply each token. */
  private static double weights(Gemma2Config config) {
    return WeightSpec.of(config).stream()
        .filter(weight -> !weight.isNorm())
        .mapToDouble(weight -> weight.shape().elements())
        .sum();
  }

  /** Pairs of a query and a key it sees: itself and what is before it, as far as the window. */
  private static double visiblePairs(long length, OptionalInt window) {
    long reach = Math.min(length, window.orElse(Math.toIntExact(length)));
    return reach * (reach + 1) / 2.0 + (length - reach) * (double) reach;
  }
}
