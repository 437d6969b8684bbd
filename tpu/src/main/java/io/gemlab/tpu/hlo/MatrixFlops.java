package io.gemlab.tpu.hlo;

import io.gemlab.graph.gemma2.Gemma2Config;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * FLOPs of a program's matrix products, told apart so that a convention can be applied to them.
 *
 * @param executed all of them
 * @param recomputed those of products whose value the same computation has already: rematerialised
 *     ({@link ValueNumbers})
 * @param attention those of products of queries with keys and of probabilities with values, and of
 *     their gradients, not recomputed; whatever pairs of positions the implementation meets
 */
public record MatrixFlops(double executed, double recomputed, double attention) {

  /**
   * The FLOPs that the model asks for, by its architecture alone: the convention of {@link
   * #ofModel} without a program. Weights of two dimensions multiply every token, the tied embedding
   * once, as the head.
   *
   * @param rows B
   * @param length T, without padding
   */
  public static double ofArchitecture(Gemma2Config config, Pass pass, int rows, int length) {
    return pass.products * 2.0 * rows * length * products(config)
        + visibleFlops(config, pass, rows, length);
  }

  /**
   * The same of one new token a row, the last that its cache has room for.
   *
   * @param rows B
   * @param capacity positions that the cache has room for
   */
  public static double ofDecoding(Gemma2Config config, int rows, int capacity) {
    return 2.0 * rows * products(config)
        + visibleFlops(config, Pass.FORWARD, rows, capacity)
        - visibleFlops(config, Pass.FORWARD, rows, capacity - 1);
  }

  /** Weights that multiply each token. */
  private static double products(Gemma2Config config) {
    return WeightSpec.of(config).stream()
        .filter(weight -> !weight.isNorm())
        .mapToDouble(weight -> weight.shape().elements())
        .sum();
  }

  /** How often each product of the model is computed in a pass. */
  public enum Pass {
    /** Once. */
    FORWARD(1),
    /** Once forward, and once for each of its two operands' gradients. */
    TRAINING(3);

    private final int products;

    Pass(int products) {
      this.products = products;
    }
  }

  /** Tells apart the products of a program that no compiler has seen yet. */
  public static MatrixFlops of(HloModule module) {
    HloIndex index = new HloIndex(module);
    HloParts parts = new HloParts(index);
    Arithmetic arithmetic = new Arithmetic(index);
    double executed = 0;
    double recomputed = 0;
    double attention = 0;
    for (HloWalk.Run run : new HloWalk(index).runs()) {
      HloComputationProto computation = run.computation();
      ValueNumbers numbers = new ValueNumbers(index, computation);
      Set<Integer> seen = new HashSet<>();
      for (HloInstructionProto dot : computation.getInstructionsList()) {
        if (!dot.getOpcode().equals("dot")) continue;
        double flops = arithmetic.of(dot).matrixFlops() * run.times();
        executed += flops;
        if (!seen.add(numbers.of(dot))) recomputed += flops;
        else if (isAttention(dot, parts)) attention += flops;
      }
    }
    return new MatrixFlops(executed, recomputed, attention);
  }

  /** A projection multiplies two matrices; attention has one pair for each row and head. */
  private static boolean isAttention(HloInstructionProto dot, HloParts parts) {
    return parts.of(dot) == ModelPart.ATTENTION
        && dot.getDotDimensionNumbers().getLhsBatchDimensionsCount() > 0;
  }

  /**
   * The FLOPs that the model asks for, whatever the implementation does: nothing counted twice that
   * is computed twice, and of attention only the pairs of positions that causality and the sliding
   * window leave. This is the convention of the FLOPs a token that MFU is given by.
   *
   * @param rows B
   * @param length T, without padding
   */
  public double ofModel(Gemma2Config config, Pass pass, int rows, int length) {
    return executed - recomputed - attention + visibleFlops(config, pass, rows, length);
  }

  private static double visibleFlops(Gemma2Config config, Pass pass, int rows, int length) {
    double pairs = 0;
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      pairs += visiblePairs(length, config.attention(layer).window());
    }
    double perPair = 2.0 * 2 * config.numAttentionHeads() * config.headDim();
    return pass.products * perPair * rows * pairs;
  }

  /** Pairs of a query and a key it sees: itself and what is before it, as far as the window. */
  static double visiblePairs(long length, OptionalInt window) {
    long reach = Math.min(length, window.orElse(Math.toIntExact(length)));
    return reach * (reach + 1) / 2.0 + (length - reach) * (double) reach;
  }
}
