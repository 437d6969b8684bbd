package io.gemlab.tpu.hlo.export;

import com.google.protobuf.UnknownFieldSet;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.HloModuleProto;
import io.gemlab.tpu.hlo.proto.PrimitiveType;
import java.util.List;

/**
 * A program without what tf2xla writes at length and says nothing: a source file and line that are
 * the same for every instruction, and ranges folded into constants of all their numbers.
 */
final class CompactProgram {
  private CompactProgram() {}

  /** The same program, shorter. */
  static HloModule of(HloModule dumped) {
    HloModuleProto.Builder module = dumped.proto().toBuilder();
    for (HloComputationProto.Builder computation : module.getComputationsBuilderList()) {
      computation.getInstructionsBuilderList().forEach(CompactProgram::compact);
    }
    return new HloModule(module.build());
  }

  private static void compact(HloInstructionProto.Builder instruction) {
    if (instruction.hasMetadata()) {
      instruction.getMetadataBuilder().setUnknownFields(UnknownFieldSet.getDefaultInstance());
    }
    if (isRange(instruction)) instruction.setOpcode("iota").clearLiteral().addDimensions(0);
  }

  /** Whether it is a constant of 0, 1, 2... */
  private static boolean isRange(HloInstructionProto.Builder instruction) {
    if (!instruction.getOpcode().equals("constant")
        || instruction.getShape().getElementType() != PrimitiveType.S32
        || instruction.getShape().getDimensionsCount() != 1) {
      return false;
    }
    List<Integer> numbers = instruction.getLiteral().getS32SList();
    for (int i = 0; i < numbers.size(); i++) {
      if (numbers.get(i) != i) return false;
    }
    return numbers.size() > 1;
  }
}
