package io.gemlab.tpu.hlo.rewrite;

import static io.gemlab.tpu.hlo.HandMade.f32;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.tpu.hlo.HandMade;
import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.PrimitiveType;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FlatWritesTest {
  private final HandMade hlo = new HandMade();

  @Test
  void rowsOfAReshapedCacheAreWrittenIntoTheCache() {
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto cache = entry.parameter(f32(4, 2, 64, 32));
    HloInstructionProto places = entry.parameter(HandMade.shape(PrimitiveType.S32, 8, 1));
    HloInstructionProto rows = entry.parameter(f32(8, 32));
    HloInstructionProto flat = entry.op("reshape", f32(512, 32), cache);
    HloInstructionProto written = entry.op("scatter", f32(512, 32), flat, places, rows);
    entry.op("reshape", f32(4, 2, 64, 32), written);
    entry.done();

    HloModule whole = FlatWrites.unflattened(hlo.module());
    HloIndex index = new HloIndex(whole);
    HloInstructionProto write =
        whole.entry().getInstructionsList().stream()
            .filter(instruction -> instruction.getOpcode().equals("scatter"))
            .findFirst()
            .orElseThrow();
    assertEquals(f32(4, 2, 64, 32), write.getShape());
    assertEquals(cache, index.operand(write, 0));
    assertEquals(rows, index.operand(write, 2));
    // Row i is in batch i / 128, of head i / 64 mod 2, at slot i mod 64.
    List<HloInstructionProto> place = index.operands(index.operand(write, 1));
    assertEquals("divide", place.get(0).getOpcode());
    assertEquals(128, number(index, place.get(0)));
    assertEquals("remainder", place.get(1).getOpcode());
    assertEquals(2, number(index, place.get(1)));
    assertEquals(64, number(index, index.operand(place.get(1), 0)));
    assertEquals("remainder", place.get(2).getOpcode());
    assertEquals(64, number(index, place.get(2)));
    // Who took the list of rows takes it still.
    HloInstructionProto after = index.instruction(written.getId());
    assertEquals("reshape", after.getOpcode());
    assertEquals(write.getId(), after.getOperandIds(0));
    assertEquals(f32(512, 32), after.getShape());
  }

  private static int number(HloIndex index, HloInstructionProto binary) {
    return index.operand(index.operand(binary, 1), 0).getLiteral().getS32S(0);
  }

  @Test
  void otherWritesStayAsTheyAre() {
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto table = entry.parameter(f32(512, 32));
    HloInstructionProto places = entry.parameter(HandMade.shape(PrimitiveType.S32, 8, 1));
    HloInstructionProto rows = entry.parameter(f32(8, 32));
    entry.op("scatter", f32(512, 32), table, places, rows);
    entry.done();
    HloModule module = hlo.module();
    assertEquals(module, FlatWrites.unflattened(module));
  }
}
