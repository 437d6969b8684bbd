package io.gemlab.tpu.hlo.rewrite;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.HloModuleProto;
import io.gemlab.tpu.hlo.proto.LiteralProto;
import io.gemlab.tpu.hlo.proto.PrimitiveType;
import io.gemlab.tpu.hlo.proto.ScatterDimensionNumbers;
import io.gemlab.tpu.hlo.proto.ShapeProto;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes of rows into a tensor that was reshaped to a list of rows: made writes into the tensor
 * itself.
 *
 * <p>A tensor of three dimensions and rows, such as a cache of [B, K, S, H], that is cut along two
 * of them has pieces that are no runs of its list of rows. A partitioner that meets the list first
 * puts the tensor together again on every device; writes into the tensor it splits.
 */
public final class FlatWrites {
  private final HloIndex index;
  private final List<HloInstructionProto> written = new ArrayList<>();
  private long nextId;

  private FlatWrites(HloModule module) {
    this.index = new HloIndex(module);
    this.nextId = 1 + module.largestId();
  }

  /** The same program without such writes in its entry. */
  public static HloModule unflattened(HloModule module) {
    return new FlatWrites(module).unflattened();
  }

  private HloModule unflattened() {
    HloModuleProto.Builder module = index.module().proto().toBuilder();
    for (HloComputationProto.Builder computation : module.getComputationsBuilderList()) {
      if (computation.getId() != module.getEntryComputationId()) continue;
      for (HloInstructionProto instruction : computation.getInstructionsList()) {
        if (isFlat(instruction)) unflatten(instruction);
        else written.add(instruction);
      }
      computation.clearInstructions().addAllInstructions(written);
    }
    return new HloModule(module.build());
  }

  /** Rows, one number each, into a reshape of something of four dimensions to its rows. */
  private boolean isFlat(HloInstructionProto scatter) {
    if (!scatter.getOpcode().equals("scatter") || scatter.getOperandIdsCount() != 3) return false;
    HloInstructionProto rows = index.operand(scatter, 0);
    if (!rows.getOpcode().equals("reshape") || rows.getShape().getDimensionsCount() != 2) {
      return false;
    }
    ShapeProto whole = index.operand(rows, 0).getShape();
    return whole.getDimensionsCount() == 4
        && whole.getDimensions(3) == rows.getShape().getDimensions(1)
        && index.operand(scatter, 1).getShape().getDimensionsCount() == 2;
  }

  private void unflatten(HloInstructionProto scatter) {
    HloInstructionProto whole = index.operand(index.operand(scatter, 0), 0);
    HloInstructionProto row = index.operand(scatter, 1);
    long middle = whole.getShape().getDimensions(1);
    long inner = whole.getShape().getDimensions(2);
    HloInstructionProto place =
        add(
            row.getShape().toBuilder().setDimensions(1, 3).build(),
            "concatenate",
            binary("divide", row, middle * inner),
            binary("remainder", binary("divide", row, inner), middle),
            binary("remainder", row, inner));
    HloInstructionProto write =
        scatter.toBuilder()
            .setId(nextId++)
            .setName(scatter.getName() + ".whole")
            .setShape(whole.getShape())
            .setOperandIds(0, whole.getId())
            .setOperandIds(1, place.getId())
            .setScatterDimensionNumbers(
                ScatterDimensionNumbers.newBuilder()
                    .addUpdateWindowDims(1)
                    .addAllInsertedWindowDims(List.of(0L, 1L, 2L))
                    .addAllScatterDimsToOperandDims(List.of(0L, 1L, 2L))
                    .setIndexVectorDim(1))
            .build();
    written.add(write);
    written.add(
        HloInstructionProto.newBuilder()
            .setId(scatter.getId())
            .setName(scatter.getName())
            .setOpcode("reshape")
            .setShape(scatter.getShape())
            .setMetadata(scatter.getMetadata())
            .addOperandIds(write.getId())
            .build());
  }

  private HloInstructionProto binary(String opcode, HloInstructionProto value, long number) {
    ShapeProto scalar =
        ShapeProto.newBuilder()
            .setElementType(PrimitiveType.S32)
            .setLayout(ShapeProto.getDefaultInstance().getLayout())
            .build();
    HloInstructionProto constant =
        instruction(scalar, "constant")
            .setLiteral(LiteralProto.newBuilder().setShape(scalar).addS32S(Math.toIntExact(number)))
            .build();
    written.add(constant);
    HloInstructionProto broadcast = add(value.getShape(), "broadcast", constant);
    return add(value.getShape(), opcode, value, broadcast);
  }

  private HloInstructionProto add(
      ShapeProto shape, String opcode, HloInstructionProto... operands) {
    HloInstructionProto.Builder instruction = instruction(shape, opcode);
    for (HloInstructionProto operand : operands) instruction.addOperandIds(operand.getId());
    if (opcode.equals("concatenate")) instruction.addDimensions(1);
    written.add(instruction.build());
    return written.getLast();
  }

  private HloInstructionProto.Builder instruction(ShapeProto shape, String opcode) {
    return HloInstructionProto.newBuilder()
        .setId(nextId)
        .setName(opcode + "." + nextId++)
        .setOpcode(opcode)
        .setShape(shape);
  }
}
