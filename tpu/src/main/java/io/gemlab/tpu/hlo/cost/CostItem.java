package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One instruction's entry in a program's account.
 *
 * @param instruction which
 * @param part what it works for
 * @param times how often it runs
 * @param kernel the kernel that writes its result, with all that is fused into it; of no cost where
 *     it is fused into another's, or computes nothing
 * @param own what it computes itself, and the bytes of its kernel
 */
record CostItem(
    HloInstructionProto instruction, ModelPart part, double times, Cost kernel, Cost own) {

  /** The items of all computations that run. */
  static List<CostItem> of(HloIndex index, HloWalk walk) {
    HloParts parts = new HloParts(index);
    Arithmetic arithmetic = new Arithmetic(index);
    List<CostItem> items = new ArrayList<>();
    for (HloWalk.Run run : walk.runs()) {
      Map<Long, Cost> kernels = new HashMap<>();
      for (FusionModel.Kernel kernel : new FusionModel(index, run.computation()).kernels()) {
        kernels.put(kernel.result().getId(), kernel.cost());
      }
      for (HloInstructionProto instruction : run.computation().getInstructionsList()) {
        Cost kernel = kernels.getOrDefault(instruction.getId(), Cost.ZERO);
        Cost own = arithmetic.of(instruction).plus(Cost.ofBytes(kernel.bytes()));
        items.add(new CostItem(instruction, parts.of(instruction), run.times(), kernel, own));
      }
    }
    return items;
  }

  /**
   * The least time a chip needs for it: its kernel's arithmetic or memory, whichever takes more.
   */
  double seconds(Chip chip) {
    return times * Math.max(arithmeticSeconds(chip), memorySeconds(chip));
  }

  private double arithmeticSeconds(Chip chip) {
    return kernel.flops() / chip.flopsPerSecond();
  }

  private double memorySeconds(Chip chip) {
    return kernel.bytes() / chip.memoryBytesPerSecond();
  }
}
