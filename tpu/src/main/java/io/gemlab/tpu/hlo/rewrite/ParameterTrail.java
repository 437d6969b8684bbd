package io.gemlab.tpu.hlo.rewrite;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the entry's parameters go: through tuples and calls, into loops that hand them on as they
 * are, and as one of a stack, in another shape or in another type.
 */
public final class ParameterTrail {
  private static final Set<String> SAME =
      Set.of("bitcast", "convert", "copy", "dynamic-slice", "opt-barrier", "reshape", "slice");

  /** No parameter's value. */
  private static final int OTHER = -1;

  private final HloIndex index;

  /** The parameter's number for each element of a tuple, or one for an array. */
  private final Map<Long, List<Integer>> numbers = new HashMap<>();

  private ParameterTrail(HloIndex index) {
    this.index = index;
  }

  /** Follows a program's parameters. */
  public static ParameterTrail of(HloModule module) {
    ParameterTrail trail = new ParameterTrail(new HloIndex(module));
    int parameters = module.parameters().size();
    List<List<Integer>> given = new ArrayList<>();
    for (int i = 0; i < parameters; i++) given.add(List.of(i));
    trail.follow(module.entry(), given);
    return trail;
  }

  /** The number of the entry's parameter that an array's value is or was taken from. */
  public Optional<Integer> parameter(HloInstructionProto array) {
    return Optional.of(numbers.getOrDefault(array.getId(), List.of(OTHER)))
        .filter(elements -> elements.size() == 1 && elements.getFirst() != OTHER)
        .map(List::getFirst);
  }

  /** Follows what a computation is given, at this call as at others; what its root is. */
  private List<Integer> follow(HloComputationProto computation, List<List<Integer>> given) {
    for (HloInstructionProto instruction : computation.getInstructionsList()) {
      numbers.merge(instruction.getId(), elements(instruction, given), ParameterTrail::agreed);
    }
    return numbers.get(computation.getRootId());
  }

  private List<Integer> elements(HloInstructionProto instruction, List<List<Integer>> given) {
    List<List<Integer>> operands =
        instruction.getOperandIdsList().stream().map(numbers::get).toList();
    return switch (instruction.getOpcode()) {
      case "parameter" -> given.get(Math.toIntExact(instruction.getParameterNumber()));
      case "tuple" -> operands.stream().map(ParameterTrail::one).toList();
      case "get-tuple-element" ->
          List.of(operands.getFirst().get(Math.toIntExact(instruction.getTupleIndex())));
      case "call" -> follow(index.called(instruction, 0), operands);
      case "while" -> loop(instruction, operands.getFirst());
      default ->
          SAME.contains(instruction.getOpcode())
              ? operands.getFirst()
              : Collections.nCopies(
                  Math.max(1, instruction.getShape().getTupleShapesCount()), OTHER);
    };
  }

  /** What a loop changes is a parameter's no more. */
  private List<Integer> loop(HloInstructionProto loop, List<Integer> before) {
    List<Integer> kept = before;
    while (true) {
      List<Integer> same = agreed(kept, follow(index.called(loop, 0), List.of(kept)));
      if (same.equals(kept)) return kept;
      kept = same;
    }
  }

  /** The numbers of elements that are the same parameter's both times. */
  private static List<Integer> agreed(List<Integer> once, List<Integer> again) {
    List<Integer> agreed = new ArrayList<>();
    for (int i = 0; i < once.size(); i++) {
      agreed.add(once.get(i).equals(again.get(i)) ? once.get(i) : OTHER);
    }
    return agreed;
  }

  private static int one(List<Integer> elements) {
    return elements.size() == 1 ? elements.getFirst() : OTHER;
  }
}
