package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.HloShapes;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.ArrayList;
import java.util.List;

/**
 * An exchange of data between devices in a compiled program.
 *
 * <p>One that the compiler spreads over several fusions, so that it runs beside other work, counts
 * where it starts. A sum of which each device keeps a slice in the same fusion is a reduce-scatter:
 * that is how libtpu writes it.
 *
 * @param kind what is exchanged
 * @param path where in the model it comes from, where the compiler says it
 * @param part what it works for
 * @param times how often it runs
 * @param bytes that each device puts in, each time
 * @param groups partitions that exchange with one another; sender and receiver of a permutation
 */
public record HloCollective(
    CollectiveKind kind,
    String path,
    ModelPart part,
    double times,
    double bytes,
    List<List<Integer>> groups) {
  private static final String START = "AsyncCollectiveStart";
  private static final String DONE = "AsyncCollectiveDone";

  /** What libtpu puts on each step of a collective that it spreads over several fusions. */
  private static final String SPREAD = "chain_id";

  public HloCollective {
    groups = List.copyOf(groups);
  }

  /** The collectives of a compiled program, in no particular order. */
  public static List<HloCollective> of(HloModule module) {
    HloIndex index = new HloIndex(module);
    HloParts parts = new HloParts(index);
    List<HloCollective> found = new ArrayList<>();
    for (HloWalk.Run run : new HloWalk(index).runs()) {
      for (HloInstructionProto instruction : run.computation().getInstructionsList()) {
        for (HloInstructionProto collective : startedBy(index, instruction)) {
          found.add(of(index, parts, instruction, collective, run.times()));
        }
      }
    }
    return found;
  }

  private static HloCollective of(
      HloIndex index,
      HloParts parts,
      HloInstructionProto carrier,
      HloInstructionProto collective,
      double times) {
    double bytes =
        index.operands(collective).stream().mapToLong(o -> HloShapes.bytes(o.getShape())).sum();
    CollectiveKind kind = CollectiveKind.of(collective.getOpcode()).orElseThrow();
    boolean kept =
        carrier.getOpcode().equals("fusion")
            && HloShapes.bytes(carrier.getShape()) < HloShapes.bytes(collective.getShape());
    String own = collective.getMetadata().getOpName();
    String path = own.isEmpty() ? carrier.getMetadata().getOpName() : own;
    return new HloCollective(
        kind == CollectiveKind.ALL_REDUCE && kept ? CollectiveKind.REDUCE_SCATTER : kind,
        path,
        ModelPart.of(path).orElse(parts.of(carrier)),
        times,
        bytes,
        DeviceGroups.of(collective));
  }

  /** What an instruction starts to exchange: itself, or what it calls. */
  private static List<HloInstructionProto> startedBy(
      HloIndex index, HloInstructionProto instruction) {
    if (CollectiveKind.of(instruction.getOpcode()).isPresent()) return List.of(instruction);
    return switch (instruction.getOpcode()) {
      case "async-start" -> inside(index, index.called(instruction, 0));
      case "fusion" -> {
        HloComputationProto fused = index.called(instruction, 0);
        List<HloInstructionProto> inside = inside(index, fused);
        if (calls(fused, START)) yield inside;
        yield inside.stream().filter(collective -> !isSpread(collective)).toList();
      }
      default -> List.of();
    };
  }

  /** Whether an instruction does nothing but exchange data, or wait for it. */
  static boolean isCommunication(HloIndex index, HloInstructionProto instruction) {
    String opcode = instruction.getOpcode();
    return switch (opcode) {
      case "async-start" -> !inside(index, index.called(instruction, 0)).isEmpty();
      case "fusion" -> {
        HloComputationProto fused = index.called(instruction, 0);
        List<HloInstructionProto> inside = inside(index, fused);
        yield calls(fused, START)
            || calls(fused, DONE)
            || inside.stream().anyMatch(collective -> !isSpread(collective));
      }
      default -> CollectiveKind.of(opcode.replaceAll("-(start|done)$", "")).isPresent();
    };
  }

  /** What a computation exchanges: itself, or on a SparseCore, as a custom call says. */
  private static List<HloInstructionProto> inside(HloIndex index, HloComputationProto computation) {
    List<HloInstructionProto> inside = new ArrayList<>();
    for (HloInstructionProto instruction : computation.getInstructionsList()) {
      if (CollectiveKind.of(instruction.getOpcode()).isPresent()) inside.add(instruction);
      if (instruction.getOpcode().equals("custom-call")) {
        index.called(instruction).forEach(called -> inside.addAll(inside(index, called)));
      }
    }
    return inside;
  }

  private static boolean calls(HloComputationProto computation, String target) {
    return computation.getInstructionsList().stream()
        .anyMatch(instruction -> instruction.getCustomCallTarget().equals(target));
  }

  private static boolean isSpread(HloInstructionProto collective) {
    return collective.getFrontendAttributes().containsMap(SPREAD);
  }

  /** Devices that exchange with one another; 1 where the groups are not known. */
  public int groupSize() {
    return groups.stream().mapToInt(List::size).max().orElse(1);
  }

  /**
   * Seconds of all its runs when the devices of a group stand in a ring and nothing else uses their
   * links.
   */
  public double seconds(Chip chip) {
    return times * kind.ringBytes(bytes, groupSize()) / chip.ringBytesPerSecond();
  }
}
