package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NamedValuesTest {
  private static final List<NamedValue> ALL =
      List.of(
          new NamedValue.Text("text", "größe"),
          new NamedValue.Text("", ""),
          new NamedValue.Whole("whole", Long.MIN_VALUE),
          new NamedValue.Wholes("wholes", List.of(3L, -1L)),
          new NamedValue.Wholes("none", List.of()),
          new NamedValue.Real("real", -0.5f),
          new NamedValue.Flag("yes", true),
          new NamedValue.Flag("no", false));

  @Test
  void everyKindComesBackFromNativeMemory() {
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(ALL, NamedValues.read(NamedValues.write(ALL, arena), ALL.size()));
    }
  }

  @Test
  void longerStructsOfNewerPluginAreSteppedOver() {
    long longer = PjrtLayout.NAMED_VALUE.size() + 16;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment array = arena.allocate(2 * longer, 8);
      for (int i = 0; i < 2; i++) {
        array
            .asSlice(i * longer)
            .copyFrom(NamedValues.write(List.of(new NamedValue.Whole("n", i)), arena));
        array.set(ValueLayout.JAVA_LONG, i * longer, longer);
      }
      assertEquals(
          List.of(new NamedValue.Whole("n", 0), new NamedValue.Whole("n", 1)),
          NamedValues.read(array, 2));
    }
  }

  @Test
  void flagIsOneByte() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment array = NamedValues.write(List.of(new NamedValue.Flag("f", false)), arena);
      array.set(ValueLayout.JAVA_BYTE, 41, (byte) 7);
      assertEquals(List.of(new NamedValue.Flag("f", false)), NamedValues.read(array, 1));
    }
  }

  @Test
  void valuesAreShown() {
    assertEquals(
        List.of("größe", "", "-9223372036854775808", "[3, -1]", "[]", "-0.5", "true", "false"),
        ALL.stream().map(NamedValue::shown).toList());
  }
}
