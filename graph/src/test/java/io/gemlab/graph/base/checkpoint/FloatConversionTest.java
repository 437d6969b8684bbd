package io.gemlab.graph.base.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.ops.Bfloat16;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FloatConversionTest {
  private static final int ALL_16_BITS = 1 << 16;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void everyNarrowValueSurvivesFloat32(ElementType type) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment narrow = arena.allocate(2L * ALL_16_BITS);
      for (int i = 0; i < ALL_16_BITS; i++) narrow.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) i);
      MemorySegment wide = arena.allocate(4L * ALL_16_BITS);
      MemorySegment back = arena.allocate(2L * ALL_16_BITS);
      FloatConversion.toFloat32(type, narrow, wide);
      FloatConversion.fromFloat32(type, wide, back);
      for (int i = 0; i < ALL_16_BITS; i++) {
        float value = wide.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        short again = back.getAtIndex(ValueLayout.JAVA_SHORT, i);
        if (type == ElementType.F16 && Float.isNaN(value)) {
          assertTrue(Float.isNaN(Float.float16ToFloat(again)));
        } else {
          assertEquals((short) i, again, () -> "bits of " + value);
        }
      }
    }
  }

  @Test
  void bfloat16RoundsToNearestWithTiesToEven() {
    for (int upper = 0; upper < ALL_16_BITS; upper++) {
      float lowest = Float.intBitsToFloat(upper << 16);
      if (!Float.isFinite(lowest)) continue;
      short even = (short) (upper + (upper & 1));
      assertEquals((short) upper, rounded(upper, 0x0000));
      assertEquals((short) upper, rounded(upper, 0x7fff));
      assertEquals(even, rounded(upper, 0x8000));
      assertEquals((short) (upper + 1), rounded(upper, 0x8001));
      assertEquals((short) (upper + 1), rounded(upper, 0xffff));
    }
  }

  private static short rounded(int upper, int lower) {
    return Bfloat16.fromFloat(Float.intBitsToFloat(upper << 16 | lower));
  }

  @Test
  void bfloat16KeepsWhatIsNoNumber() {
    short infinity = (short) 0x7f80;
    assertEquals(infinity, Bfloat16.fromFloat(Float.POSITIVE_INFINITY));
    assertEquals(infinity, Bfloat16.fromFloat(Float.MAX_VALUE));
    assertEquals((short) 0xff80, Bfloat16.fromFloat(Float.NEGATIVE_INFINITY));
    assertEquals((short) 0x8000, Bfloat16.fromFloat(-0.0f));
    for (int bits : new int[] {0x7fc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff}) {
      short narrow = Bfloat16.fromFloat(Float.intBitsToFloat(bits));
      assertTrue(Float.isNaN(Bfloat16.toFloat(narrow)), Integer.toHexString(bits));
    }
  }

  @Test
  void float16IsTheNearestOfItsNeighbours() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment wide = arena.allocate(4);
      MemorySegment narrow = arena.allocate(2);
      for (int i = 0; i < 100_000; i++) {
        float value = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(-24, 16)));
        wide.set(FLOAT, 0, value);
        FloatConversion.fromFloat32(ElementType.F16, wide, narrow);
        short bits = narrow.get(SHORT, 0);
        double error = Math.abs(Float.float16ToFloat(bits) - (double) value);
        if (Float.isInfinite(Float.float16ToFloat(bits))) {
          assertTrue(Math.abs(value) >= 65520, "overflow of " + value);
          continue;
        }
        for (int step = -1; step <= 1; step += 2) {
          double neighbour = Float.float16ToFloat((short) (bits + step));
          assertTrue(!(Math.abs(neighbour - value) < error), () -> "a neighbour of " + value);
        }
      }
    }
  }

  @Test
  void float64RoundsToFloat32() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, 0.1, 1e300, Double.NaN);
      MemorySegment target = arena.allocate(12);
      FloatConversion.toFloat32(ElementType.F64, source, target);
      assertEquals(0.1f, target.getAtIndex(ValueLayout.JAVA_FLOAT, 0));
      assertEquals(Float.POSITIVE_INFINITY, target.getAtIndex(ValueLayout.JAVA_FLOAT, 1));
      assertTrue(Float.isNaN(target.getAtIndex(ValueLayout.JAVA_FLOAT, 2)));
    }
  }

  @Test
  void readsFromAnyAlignment() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(16).asSlice(1, 8);
      source.set(SHORT, 0, Bfloat16.fromFloat(1.5f));
      source.set(SHORT, 6, Bfloat16.fromFloat(-2f));
      MemorySegment target = arena.allocate(32).asSlice(3, 16);
      FloatConversion.toFloat32(ElementType.BF16, source, target);
      assertEquals(1.5f, target.get(FLOAT, 0));
      assertEquals(-2f, target.get(FLOAT, 12));
    }
  }

  @Test
  void refusesSizesThatDisagreeAndOtherTypes() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment four = arena.allocate(4);
      MemorySegment eight = arena.allocate(8);
      assertThrows(
          IllegalArgumentException.class,
          () -> FloatConversion.toFloat32(ElementType.BF16, four, four));
      assertThrows(
          IllegalArgumentException.class,
          () -> FloatConversion.fromFloat32(ElementType.F32, eight, four));
      assertThrows(
          IllegalArgumentException.class,
          () -> FloatConversion.toFloat32(ElementType.I32, four, four));
      assertThrows(
          IllegalArgumentException.class,
          () -> FloatConversion.fromFloat32(ElementType.F64, four, eight));
    }
  }
}
