package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.HloShapes;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a program is made of and what one run of it costs, loops multiplied out.
 *
 * <p>FLOPs and transcendentals follow XLA's own analysis ({@link Cost}), bytes {@link FusionModel}.
 *
 * @param instructions how many instructions of each kind the computations that run hold, those of a
 *     loop's body once
 * @param total of one run
 * @param parts of each part of the model
 * @param parameterBytes of all parameters
 * @param outputBytes of all outputs, also where they take a parameter's memory
 * @param peakLiveBytes the most that lives at once in the program's own order: {@link PeakLive}
 * @param uncountedLoops loops whose number of iterations is unknown; each counts as one iteration
 */
public record HloCost(
    SortedMap<String, Long> instructions,
    Cost total,
    Map<ModelPart, Cost> parts,
    long parameterBytes,
    long outputBytes,
    long peakLiveBytes,
    List<String> uncountedLoops) {

  /** Counts a program, optimized or not. */
  public static HloCost of(HloModule module) {
    HloIndex index = new HloIndex(module);
    HloWalk walk = new HloWalk(index);
    List<CostItem> items = CostItem.of(index, walk);

    SortedMap<String, Long> instructions = new TreeMap<>();
    Map<ModelPart, Cost> parts = new EnumMap<>(ModelPart.class);
    for (CostItem item : items) {
      instructions.merge(item.instruction().getOpcode(), 1L, Long::sum);
      parts.merge(item.part(), item.own().times(item.times()), Cost::plus);
    }
    return new HloCost(
        instructions,
        parts.values().stream().reduce(Cost.ZERO, Cost::plus),
        parts,
        module.parameters().stream().mapToLong(HloShapes::bytes).sum(),
        module.outputs().stream().mapToLong(HloShapes::bytes).sum(),
        PeakLive.of(index),
        walk.uncounted());
  }
}
