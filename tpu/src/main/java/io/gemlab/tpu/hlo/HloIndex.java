package io.gemlab.tpu.hlo;

import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A program's computations and instructions by the ids they refer to each other by. */
public final class HloIndex {
  private final HloModule module;
  private final Map<Long, HloComputationProto> computations = new HashMap<>();
  private final Map<Long, HloInstructionProto> instructions = new HashMap<>();

  public HloIndex(HloModule module) {
    this.module = module;
    for (HloComputationProto computation : module.proto().getComputationsList()) {
      computations.put(computation.getId(), computation);
      for (HloInstructionProto instruction : computation.getInstructionsList()) {
        instructions.put(instruction.getId(), instruction);
      }
    }
  }

  public HloModule module() {
    return module;
  }

  /** The instruction of an id. Ids are a program's, not a computation's. */
  public HloInstructionProto instruction(long id) {
    return instructions.get(id);
  }

  public HloInstructionProto operand(HloInstructionProto user, int position) {
    return instruction(user.getOperandIds(position));
  }

  public List<HloInstructionProto> operands(HloInstructionProto user) {
    return user.getOperandIdsList().stream().map(this::instruction).toList();
  }

  public HloInstructionProto root(HloComputationProto computation) {
    return instruction(computation.getRootId());
  }

  /** A computation that an instruction calls, by position. */
  public HloComputationProto called(HloInstructionProto caller, int position) {
    return computations.get(caller.getCalledComputationIds(position));
  }

  public List<HloComputationProto> called(HloInstructionProto caller) {
    return caller.getCalledComputationIdsList().stream().map(computations::get).toList();
  }
}
