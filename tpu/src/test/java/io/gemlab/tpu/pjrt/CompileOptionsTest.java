package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.tpu.pjrt.CompileOptions.OutputSharding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CompileOptionsTest {
  @Test
  void oneDeviceTakesSeventeenBytes() {
    assertEquals(
        "1a0f" + "08ffffffffffffffffff01" + "2001" + "2801",
        HexFormat.of().formatHex(CompileOptions.partitioned(1).encode()));
  }

  @Test
  void partitionsAreAssignedInOrder() throws IOException {
    UnknownFieldSet build = build(CompileOptions.partitioned(4));
    assertEquals(1, number(build, 4));
    assertEquals(4, number(build, 5));
    assertEquals(1, number(build, 6), "SPMD");
    assertFalse(build.hasField(12));
    assertFalse(build.hasField(19), "Shardy stays unset");
    UnknownFieldSet assignment = message(build, 9, 0);
    assertEquals(1, number(assignment, 1));
    assertEquals(4, number(assignment, 2));
    for (int partition = 0; partition < 4; partition++) {
      assertEquals(List.of((long) partition), ids(assignment, partition));
    }
  }

  @Test
  void replicasAreInsidePartitions() throws IOException {
    CompileOptions options =
        new CompileOptions(2, 3, List.of(0, 1, 2, 10, 11, 12), OutputSharding.PROPAGATED);
    UnknownFieldSet build = build(options);
    assertEquals(1, number(build, 12));
    UnknownFieldSet assignment = message(build, 9, 0);
    assertEquals(List.of(0L, 10L), ids(assignment, 0));
    assertEquals(List.of(2L, 12L), ids(assignment, 2));
  }

  @Test
  void devicesMustBeAsManyAsPartsAndDifferent() {
    for (List<Integer> ids : List.of(List.of(0), List.of(0, 0), List.of(0, 1, 2))) {
      InvalidInput error =
          assertThrows(
              InvalidInput.class, () -> new CompileOptions(1, 2, ids, OutputSharding.AS_ANNOTATED));
      assertEquals(
          "1 replicas of 2 partitions need 2 different devices, and got " + ids,
          error.getMessage());
    }
  }

  @Test
  void countsBelowOneAreRefused() {
    assertTrue(
        assertThrows(InvalidInput.class, () -> CompileOptions.partitioned(0))
            .getMessage()
            .contains("at least 1"));
  }

  private static UnknownFieldSet build(CompileOptions options) throws IOException {
    return message(UnknownFieldSet.parseFrom(options.encode()), 3, 0);
  }

  private static UnknownFieldSet message(UnknownFieldSet parent, int field, int index)
      throws InvalidProtocolBufferException {
    return UnknownFieldSet.parseFrom(parent.getField(field).getLengthDelimitedList().get(index));
  }

  private static long number(UnknownFieldSet message, int field) {
    return message.getField(field).getVarintList().getFirst();
  }

  /** The devices of one partition, packed or not. */
  private static List<Long> ids(UnknownFieldSet assignment, int partition) throws IOException {
    UnknownFieldSet computation = message(assignment, 3, partition);
    UnknownFieldSet.Field field = computation.getField(1);
    List<Long> ids = new ArrayList<>(field.getVarintList());
    for (var packed : field.getLengthDelimitedList()) {
      CodedInputStream input = packed.newCodedInput();
      while (!input.isAtEnd()) ids.add(input.readInt64());
    }
    return ids;
  }
}
