package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;

/**
 * The computations that run, and how often: calls followed, loops multiplied out, of a branch the
 * costliest. What a fusion or a reduction applies is not among them: it is priced with its caller.
 */
final class HloWalk {
  /** A computation, and how often it runs. */
  record Run(HloComputationProto computation, double times) {}

  private final HloIndex index;
  private final TripCount tripCount;
  private final List<Run> runs = new ArrayList<>();
  private final List<String> uncounted = new ArrayList<>();

  HloWalk(HloIndex index) {
    this.index = index;
    this.tripCount = new TripCount(index);
    visit(index.module().entry(), 1);
  }

  /** Callers before what they call. */
  List<Run> runs() {
    return runs;
  }

  /** Loops whose number of turns is not to be known; they count as one. */
  List<String> uncounted() {
    return uncounted;
  }

  private void visit(HloComputationProto computation, double times) {
    runs.add(new Run(computation, times));
    for (HloInstructionProto instruction : computation.getInstructionsList()) {
      switch (instruction.getOpcode()) {
        case "call" -> visit(index.called(instruction, 0), times);
        case "while" -> {
          OptionalLong turns = tripCount.of(instruction);
          if (turns.isEmpty()) uncounted.add(instruction.getName());
          visit(index.called(instruction, 0), times * turns.orElse(1));
          visit(index.called(instruction, 1), times * (turns.orElse(0) + 1));
        }
        case "conditional" -> visit(costliest(index.called(instruction)), times);
        default -> {}
      }
    }
  }

  private HloComputationProto costliest(List<HloComputationProto> branches) {
    Arithmetic arithmetic = new Arithmetic(index);
    ToDoubleFunction<HloComputationProto> flops =
        branch ->
            branch.getInstructionsList().stream()
                .mapToDouble(instruction -> arithmetic.of(instruction).flops())
                .sum();
    return branches.stream().max(Comparator.comparingDouble(flops)).orElseThrow();
  }
}
