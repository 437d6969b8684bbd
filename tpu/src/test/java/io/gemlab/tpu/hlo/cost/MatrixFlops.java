package io.gemlab.tpu.hlo.cost;

import io.gemlab.graph.gemma2.ModelFlops;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.ValueNumbers;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.HashSet;
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
   * What {@link ModelFlops} should be, by the program: nothing counted twice that is computed
   * twice, and attention's products as they should be rather than as they are.
   *
   * @param rows B
   * @param length T, without padding
   */
  public double ofModel(Gemma2Config config, ModelFlops.Pass pass, int rows, int length) {
    return executed - recomputed - attention + ModelFlops.ofAttention(config, pass, rows, length);
  }
}
