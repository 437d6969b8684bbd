package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.HloShapes;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The most bytes that live at once when instructions run in the order in which the program lists
 * them: parameters all along, a value from where it is written to where it is last read, outputs to
 * the end, those that take a parameter's memory without memory of their own.
 *
 * <p>Values are those {@link FusionModel} writes. A compiler picks its own order and may do better
 * or worse; where one has run, its own figure counts.
 */
final class PeakLive {
  private final HloIndex index;

  private PeakLive(HloIndex index) {
    this.index = index;
  }

  static long of(HloIndex index) {
    HloModule module = index.module();
    long parameters = module.parameters().stream().mapToLong(HloShapes::bytes).sum();
    Set<Long> inPlace = new HashSet<>();
    HloInstructionProto root = index.root(module.entry());
    for (HloModule.Alias alias : module.aliases()) {
      inPlace.add(written(index, root, alias.output()).getId());
    }
    return parameters + new PeakLive(index).temporaries(module.entry(), inPlace);
  }

  /** The instruction that writes an output. */
  private static HloInstructionProto written(HloIndex index, HloInstructionProto root, int output) {
    HloInstructionProto source = root;
    while (true) {
      switch (source.getOpcode()) {
        case "bitcast", "reshape" -> source = index.operand(source, 0);
        case "tuple" -> source = index.operand(source, output);
        default -> {
          return source;
        }
      }
    }
  }

  /** The most bytes that live at once besides a computation's parameters. */
  private long temporaries(HloComputationProto computation, Set<Long> inPlace) {
    FusionModel fusion = new FusionModel(index, computation);
    List<HloInstructionProto> order = computation.getInstructionsList();
    Map<Long, Integer> lastUse = lastUses(computation, fusion);
    Map<Integer, List<HloInstructionProto>> dying = new HashMap<>();
    long live = 0;
    long peak = 0;
    for (int i = 0; i < order.size(); i++) {
      HloInstructionProto instruction = order.get(i);
      long inside = 0;
      for (HloComputationProto called : controlled(instruction)) {
        inside = Math.max(inside, temporaries(called, Set.of()));
      }
      boolean takesMemory = fusion.isWritten(instruction) && !inPlace.contains(instruction.getId());
      if (takesMemory) {
        live += HloShapes.bytes(instruction.getShape());
        int last = lastUse.getOrDefault(instruction.getId(), i);
        dying.computeIfAbsent(last, key -> new ArrayList<>()).add(instruction);
      }
      peak = Math.max(peak, live + inside);
      for (HloInstructionProto dead : dying.getOrDefault(i, List.of())) {
        live -= HloShapes.bytes(dead.getShape());
      }
    }
    return peak;
  }

  /** Where each value is read last, through whatever shares its memory or is fused. */
  private Map<Long, Integer> lastUses(HloComputationProto computation, FusionModel fusion) {
    List<HloInstructionProto> order = computation.getInstructionsList();
    Map<Long, Integer> lastUse = new HashMap<>();
    lastUse.put(computation.getRootId(), order.size());
    for (int i = order.size() - 1; i >= 0; i--) {
      HloInstructionProto user = order.get(i);
      boolean handsOn = !fusion.isWritten(user) && controlled(user).isEmpty();
      int use = handsOn ? lastUse.getOrDefault(user.getId(), i) : i;
      for (long operand : user.getOperandIdsList()) lastUse.merge(operand, use, Math::max);
    }
    return lastUse;
  }

  private List<HloComputationProto> controlled(HloInstructionProto instruction) {
    return switch (instruction.getOpcode()) {
      case "call", "conditional", "while" -> index.called(instruction);
      default -> List.of();
    };
  }
}
