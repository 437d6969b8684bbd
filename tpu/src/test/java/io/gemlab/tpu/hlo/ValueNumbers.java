package io.gemlab.tpu.hlo;

import com.google.protobuf.ByteString;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One number for each distinct value of a computation: two instructions have the same number when
 * they are the same operation on values of the same numbers, seen through optimization barriers.
 *
 * <p>Barriers are what keeps a compiler from merging what is computed again with the first time; so
 * a number that occurs twice is rematerialisation.
 */
public final class ValueNumbers {
  /** An operation, without its place in the program, on numbered values. */
  private record Value(ByteString operation, List<Integer> operands) {}

  private final HloIndex index;
  private final Map<Value, Integer> numbers = new HashMap<>();
  private final Map<Long, Integer> byInstruction = new HashMap<>();

  public ValueNumbers(HloIndex index, HloComputationProto computation) {
    this.index = index;
    for (HloInstructionProto instruction : computation.getInstructionsList()) {
      byInstruction.put(instruction.getId(), number(instruction));
    }
  }

  public int of(HloInstructionProto instruction) {
    return byInstruction.get(instruction.getId());
  }

  private int number(HloInstructionProto instruction) {
    HloInstructionProto source = throughBarrier(instruction);
    if (source != instruction) return of(source);
    List<Integer> operands = new ArrayList<>();
    for (long operand : instruction.getOperandIdsList()) operands.add(byInstruction.get(operand));
    ByteString operation =
        instruction.toBuilder()
            .clearId()
            .clearName()
            .clearMetadata()
            .clearOperandIds()
            .build()
            .toByteString();
    return numbers.computeIfAbsent(new Value(operation, operands), value -> numbers.size());
  }

  /** The value that went into the barrier that an element comes out of. */
  private HloInstructionProto throughBarrier(HloInstructionProto element) {
    if (!element.getOpcode().equals("get-tuple-element")) return element;
    HloInstructionProto tuple = index.operand(element, 0);
    while (tuple.getOpcode().equals("opt-barrier")) tuple = index.operand(tuple, 0);
    return tuple.getOpcode().equals("tuple")
        ? index.operand(tuple, Math.toIntExact(element.getTupleIndex()))
        : element;
  }
}
