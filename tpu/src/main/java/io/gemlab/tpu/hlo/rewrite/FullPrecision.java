package io.gemlab.tpu.hlo.rewrite;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.HloModuleProto;
import io.gemlab.tpu.hlo.proto.PrecisionConfig;
import io.gemlab.tpu.hlo.proto.PrecisionConfig.Precision;
import io.gemlab.tpu.hlo.proto.PrimitiveType;
import java.util.List;
import java.util.Set;

/**
 * Asks for matrix products of float32 that are float32's. By default a TPU rounds their operands to
 * bfloat16 and a GPU to TF32, and says nothing.
 *
 * @see <a href="https://github.com/openxla/xla/blob/main/xla/xla_data.proto">PrecisionConfig</a>
 */
public final class FullPrecision {
  private static final Set<String> PRODUCTS = Set.of("dot", "convolution");

  private FullPrecision() {}

  /** The same program, with every product of two float32 operands at the highest precision. */
  public static HloModule of(HloModule module) {
    HloIndex index = new HloIndex(module);
    HloModuleProto.Builder exact = module.proto().toBuilder();
    for (HloComputationProto.Builder computation : exact.getComputationsBuilderList()) {
      for (HloInstructionProto.Builder instruction : computation.getInstructionsBuilderList()) {
        if (!PRODUCTS.contains(instruction.getOpcode())) continue;
        List<HloInstructionProto> operands = index.operands(instruction.build());
        if (!operands.stream().allMatch(FullPrecision::isFloat32)) continue;
        PrecisionConfig.Builder precision = PrecisionConfig.newBuilder();
        operands.forEach(operand -> precision.addOperandPrecision(Precision.HIGHEST));
        instruction.setPrecisionConfig(precision);
      }
    }
    return new HloModule(exact.build());
  }

  private static boolean isFloat32(HloInstructionProto instruction) {
    return instruction.getShape().getElementType() == PrimitiveType.F32;
  }
}
