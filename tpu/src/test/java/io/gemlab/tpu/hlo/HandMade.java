package io.gemlab.tpu.hlo;

import io.gemlab.tpu.hlo.proto.DotDimensionNumbers;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.HloModuleProto;
import io.gemlab.tpu.hlo.proto.LiteralProto;
import io.gemlab.tpu.hlo.proto.PrimitiveType;
import io.gemlab.tpu.hlo.proto.ShapeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Small HLO programs, written by hand. */
public final class HandMade {
  private final HloModuleProto.Builder module = HloModuleProto.newBuilder().setName("hand_made");
  private long nextId = 1;

  /** A computation being written; the instruction added last is its root. */
  public final class Computation {
    private final HloComputationProto.Builder computation =
        HloComputationProto.newBuilder().setId(nextId++);
    private final List<HloInstructionProto> instructions = new ArrayList<>();

    public HloInstructionProto parameter(ShapeProto shape) {
      long number =
          instructions.stream().filter(done -> done.getOpcode().equals("parameter")).count();
      computation.getProgramShapeBuilder().addParameters(shape).addParameterNames("p" + number);
      return add(instruction("parameter", shape).setParameterNumber(number));
    }

    public HloInstructionProto constant(int value) {
      return add(
          instruction("constant", shape(PrimitiveType.S32))
              .setLiteral(LiteralProto.newBuilder().addS32S(value)));
    }

    public HloInstructionProto op(
        String opcode, ShapeProto shape, HloInstructionProto... operands) {
      return add(instruction(opcode, shape, operands));
    }

    public HloInstructionProto tuple(HloInstructionProto... operands) {
      ShapeProto[] shapes =
          Stream.of(operands).map(HloInstructionProto::getShape).toArray(ShapeProto[]::new);
      return op("tuple", tupleShape(shapes), operands);
    }

    public HloInstructionProto element(HloInstructionProto tuple, int position) {
      return add(
          instruction("get-tuple-element", tuple.getShape().getTupleShapes(position), tuple)
              .setTupleIndex(position));
    }

    /** {@code [.., m, k] x [.., k, n]}, with as many batch dimensions as stand before these. */
    public HloInstructionProto dot(
        ShapeProto shape, HloInstructionProto left, HloInstructionProto right) {
      int batch = shape.getDimensionsCount() - 2;
      DotDimensionNumbers.Builder numbers =
          DotDimensionNumbers.newBuilder()
              .addLhsContractingDimensions(batch + 1)
              .addRhsContractingDimensions(batch);
      for (int i = 0; i < batch; i++) numbers.addLhsBatchDimensions(i).addRhsBatchDimensions(i);
      return add(instruction("dot", shape, left, right).setDotDimensionNumbers(numbers));
    }

    public HloInstructionProto calling(
        HloInstructionProto.Builder instruction, HloComputationProto... called) {
      for (HloComputationProto each : called) instruction.addCalledComputationIds(each.getId());
      return add(instruction);
    }

    public HloInstructionProto add(HloInstructionProto.Builder instruction) {
      HloInstructionProto added = instruction.build();
      instructions.add(added);
      return added;
    }

    public HloComputationProto done() {
      HloInstructionProto root = instructions.getLast();
      computation.getProgramShapeBuilder().setResult(root.getShape());
      HloComputationProto done =
          computation.addAllInstructions(instructions).setRootId(root.getId()).build();
      module.addComputations(done);
      return done;
    }
  }

  public Computation computation() {
    return new Computation();
  }

  public HloInstructionProto.Builder instruction(
      String opcode, ShapeProto shape, HloInstructionProto... operands) {
    long id = nextId++;
    HloInstructionProto.Builder instruction =
        HloInstructionProto.newBuilder()
            .setId(id)
            .setName(opcode + "." + id)
            .setOpcode(opcode)
            .setShape(shape);
    for (HloInstructionProto operand : operands) instruction.addOperandIds(operand.getId());
    return instruction;
  }

  /** The program, with the computation finished last as its entry. */
  public HloModule module() {
    HloComputationProto entry = module.getComputations(module.getComputationsCount() - 1);
    return new HloModule(
        module
            .setEntryComputationId(entry.getId())
            .setHostProgramShape(entry.getProgramShape())
            .build());
  }

  public static ShapeProto f32(long... dimensions) {
    return shape(PrimitiveType.F32, dimensions);
  }

  public static ShapeProto shape(PrimitiveType type, long... dimensions) {
    ShapeProto.Builder shape = ShapeProto.newBuilder().setElementType(type);
    for (long dimension : dimensions) shape.addDimensions(dimension);
    return shape.build();
  }

  public static ShapeProto tupleShape(ShapeProto... shapes) {
    return ShapeProto.newBuilder()
        .setElementType(PrimitiveType.TUPLE)
        .addAllTupleShapes(List.of(shapes))
        .build();
  }
}
