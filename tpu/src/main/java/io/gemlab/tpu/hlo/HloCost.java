package io.gemlab.tpu.hlo;

import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.ArrayList;
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
 * @param kernels what is computed between a read from and a write to memory
 * @param parameterBytes of all parameters
 * @param outputBytes of all outputs, also where they take a parameter's memory
 * @param peakLiveBytes the most that lives at once in the program's own order: {@link PeakLive}
 * @param uncountedLoops loops whose number of turns is not to be known; each counts as one turn
 */
public record HloCost(
    SortedMap<String, Long> instructions,
    Cost total,
    Map<ModelPart, Cost> parts,
    List<Kernel> kernels,
    long parameterBytes,
    long outputBytes,
    long peakLiveBytes,
    List<String> uncountedLoops) {

  /**
   * @param part what it works for
   * @param kind the opcode of the instruction whose result it writes
   * @param times how often it runs
   * @param once what it costs each time
   */
  public record Kernel(ModelPart part, String kind, double times, Cost once) {}

  /** Counts a program, optimized or not. */
  public static HloCost of(HloModule module) {
    HloIndex index = new HloIndex(module);
    HloParts parts = new HloParts(index);
    Arithmetic arithmetic = new Arithmetic(index);
    HloWalk walk = new HloWalk(index);

    SortedMap<String, Long> instructions = new TreeMap<>();
    Map<ModelPart, Cost> byPart = new EnumMap<>(ModelPart.class);
    List<Kernel> kernels = new ArrayList<>();
    for (HloWalk.Run run : walk.runs()) {
      for (HloInstructionProto instruction : run.computation().getInstructionsList()) {
        instructions.merge(instruction.getOpcode(), 1L, Long::sum);
        Cost cost = arithmetic.of(instruction).times(run.times());
        byPart.merge(parts.of(instruction), cost, Cost::plus);
      }
      for (FusionModel.Kernel kernel : new FusionModel(index, run.computation()).kernels()) {
        ModelPart part = parts.of(kernel.result());
        kernels.add(new Kernel(part, kernel.result().getOpcode(), run.times(), kernel.cost()));
        byPart.merge(part, Cost.ofBytes(kernel.cost().bytes() * run.times()), Cost::plus);
      }
    }
    return new HloCost(
        instructions,
        byPart.values().stream().reduce(Cost.ZERO, Cost::plus),
        byPart,
        kernels,
        module.parameters().stream().mapToLong(HloShapes::bytes).sum(),
        module.outputs().stream().mapToLong(HloShapes::bytes).sum(),
        PeakLive.of(index),
        walk.uncounted());
  }
}
