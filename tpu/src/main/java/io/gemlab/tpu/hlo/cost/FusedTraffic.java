package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.HloShapes;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.List;

/** What a compiler's fusion reads and writes: of an array that it only slices, the slices. */
final class FusedTraffic {
  private final HloIndex index;
  private final HloComputationProto fused;

  FusedTraffic(HloIndex index, HloInstructionProto fusion) {
    this.index = index;
    this.fused = index.called(fusion, 0);
  }

  /** Bytes read of an operand. */
  long read(int operand) {
    HloInstructionProto parameter =
        fused.getInstructionsList().stream()
            .filter(instruction -> instruction.getOpcode().equals("parameter"))
            .filter(instruction -> instruction.getParameterNumber() == operand)
            .findFirst()
            .orElseThrow();
    long whole = HloShapes.bytes(parameter.getShape());
    long slices = 0;
    for (HloInstructionProto user : users(parameter)) {
      boolean first = user.getOperandIds(0) == parameter.getId();
      switch (user.getOpcode()) {
        case "slice" -> slices += HloShapes.bytes(user.getShape());
        case "dynamic-slice", "gather" ->
            slices += first ? HloShapes.bytes(user.getShape()) : whole;
        case "dynamic-update-slice" -> slices += first ? 0 : whole;
        default -> slices += whole;
      }
    }
    return Math.min(slices, whole);
  }

  /** Bytes written: of an update in place, the update. */
  long written() {
    HloInstructionProto root = index.root(fused);
    return root.getOpcode().equals("tuple")
        ? index.operands(root).stream().mapToLong(this::written).sum()
        : written(root);
  }

  private long written(HloInstructionProto value) {
    return HloShapes.bytes(
        value.getOpcode().equals("dynamic-update-slice")
            ? index.operand(value, 1).getShape()
            : value.getShape());
  }

  private List<HloInstructionProto> users(HloInstructionProto value) {
    return fused.getInstructionsList().stream()
        .filter(user -> user.getOperandIdsList().contains(value.getId()))
        .toList();
  }
}
