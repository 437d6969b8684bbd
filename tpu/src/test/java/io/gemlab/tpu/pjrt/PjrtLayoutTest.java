package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our layouts against what a C compiler says of the header; see the README of the resources. */
final class PjrtLayoutTest {
  /** A struct of C's: PJRT's size of it, and its fields' offsets. */
  private record Measured(long size, List<Long> offsets) {}

  private final Map<String, Measured> structs = new HashMap<>();
  private final Map<String, Long> functions = new HashMap<>();

  PjrtLayoutTest() throws IOException {
    for (String line : Resources.text("layouts.tsv").lines().toList()) {
      String[] columns = line.split("\t");
      if (columns.length == 2) functions.put(columns[0], Long.parseLong(columns[1]));
      else {
        List<Long> offsets = Stream.of(columns[2].split(",")).map(Long::parseLong).toList();
        structs.put(columns[0], new Measured(Long.parseLong(columns[1]), offsets));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void functionAndArgumentsAreWhereCompilerPutsThem(Function function) {
    assertEquals(functions.get("PJRT_Api." + function.cName), function.offset);
    assertEquals(structs.get(function.cName + "_Args"), ours(function.arguments));
  }

  @Test
  void structsAreAsCompilerHasThem() {
    assertEquals(structs.get("PJRT_Program"), ours(PjrtLayout.PROGRAM));
    assertEquals(structs.get("PJRT_NamedValue"), ours(PjrtLayout.NAMED_VALUE));
    assertEquals(structs.get("PJRT_KeyValueGetCallback_Args"), ours(PjrtLayout.KEY_VALUE_GET));
    assertEquals(
        structs.get("PJRT_KeyValueTryGetCallback_Args"), ours(PjrtLayout.KEY_VALUE_TRY_GET));
    assertEquals(structs.get("PJRT_KeyValuePutCallback_Args"), ours(PjrtLayout.KEY_VALUE_PUT));
  }

  @Test
  void executeOptionsGoOnOneFieldAfterTheHeader() {
    Measured header = structs.get("PJRT_ExecuteOptions");
    Measured ours = ours(PjrtLayout.EXECUTE_OPTIONS);
    assertEquals(header.offsets, ours.offsets.subList(0, header.offsets.size()));
    assertEquals(header.size + 8, ours.size);
  }

  @Test
  void nestedStructsAreFlat() {
    Measured version = structs.get("PJRT_Api_Version");
    assertEquals(nested(version, 16, List.of(0L, 8L), List.of()), ours(PjrtLayout.API));
    Measured tiled = structs.get("PJRT_Buffer_MemoryLayout_Tiled");
    Measured layout = structs.get("PJRT_Buffer_MemoryLayout");
    assertEquals(List.of(0L, 8L, 16L, 72L), layout.offsets);
    assertEquals(
        new Measured(layout.size, nested(tiled, 16, List.of(0L, 8L), List.of(72L)).offsets),
        ours(PjrtLayout.MEMORY_LAYOUT));
    assertEquals(PjrtLayout.TILED_SIZE, tiled.size);
  }

  @Test
  void wrongSizeIsFound() {
    StructType.Field field = new StructType.Field("x", StructType.Kind.INT);
    assertTrue(
        assertThrows(IllegalStateException.class, () -> new StructType(8, field))
            .getMessage()
            .contains("end at 4 and not at 8"));
  }

  private static Measured nested(Measured inner, long at, List<Long> before, List<Long> after) {
    Stream<Long> offsets = inner.offsets.stream().map(offset -> at + offset);
    return new Measured(
        at + inner.size,
        Stream.of(before.stream(), offsets, after.stream()).flatMap(part -> part).toList());
  }

  private static Measured ours(StructType type) {
    return new Measured(
        type.size(), type.places().values().stream().map(StructType.Place::offset).toList());
  }
}
