package io.gemlab.graph.base.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NotFiniteTest {
  private static final int COUNT = 40_003; // more than one piece of the scan, and no whole word

  /** Bits of the largest number, the smallest infinity, a NaN and a negative NaN of each type. */
  @ParameterizedTest
  @CsvSource({
    "BF16, 7f7f, 7f80, 7f81, ffff",
    "BF16, ff7f, ff80, 7fff, ffc0",
    "F16, 7bff, 7c00, 7c01, ffff",
    "F16, fbff, fc00, 7e00, fe00",
    "F32, 7f7fffff, 7f800000, 7f800001, ffffffff",
    "F32, ff7fffff, ff800000, 7fc00000, ffc00000",
    "F64, 47efffffefffffff, 7ff0000000000000, 7ff0000000000001, ffffffffffffffff"
  })
  void isFoundWhereverItStands(
      ElementType type, String finite, String infinity, String nan, String negative) {
    for (String other : new String[] {infinity, nan, negative}) {
      for (int place : new int[] {0, 1, 7, 32_768, COUNT - 2, COUNT - 1}) {
        HostTensor tensor = HostTensor.zeros(type, TensorShape.of(COUNT));
        for (int i = 0; i < COUNT; i++) put(tensor, i, finite);
        assertEquals(Optional.empty(), tensor.notFinite());
        put(tensor, place, other);
        put(tensor, COUNT - 1, other);
        NotFinite found = tensor.notFinite().orElseThrow();
        assertEquals(place, found.coordinates().getFirst(), type + " " + other);
        assertEquals(other.equals(infinity), Double.isInfinite(found.value()));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"I32", "U8", "I64"})
  void integersAreAlwaysFinite(ElementType type) {
    HostTensor tensor = HostTensor.zeros(type, TensorShape.of(9));
    tensor.data().fill((byte) 0xff);
    assertTrue(tensor.notFinite().isEmpty());
  }

  /** Double.MAX_VALUE, and the least that rounds to float32's infinity. */
  @ParameterizedTest
  @ValueSource(strings = {"7fefffffffffffff", "47effffff0000000"})
  void aFloat64IsJudgedAsFloat32(String bits) {
    HostTensor tensor = HostTensor.zeros(ElementType.F64, TensorShape.of(3));
    put(tensor, 2, bits);
    double value = tensor.notFinite().orElseThrow().value();
    assertTrue(Double.isFinite(value) && Float.isInfinite((float) value), () -> "" + value);
  }

  @Test
  void saysWhere() {
    HostTensor tensor = HostTensor.of(new float[] {1, 2, 3, 4, Float.NaN, 6}, 2, 3);
    assertEquals("NaN at [1, 1]", tensor.notFinite().orElseThrow().toString());
    assertEquals(
        "-Infinity at []",
        HostTensor.scalar(Float.NEGATIVE_INFINITY).notFinite().orElseThrow().toString());
  }

  private static void put(HostTensor tensor, int element, String bits) {
    long value = Long.parseUnsignedLong(bits, 16);
    int bytes = tensor.type().byteSize();
    for (int i = 0; i < bytes; i++) {
      tensor
          .data()
          .set(ValueLayout.JAVA_BYTE, (long) element * bytes + i, (byte) (value >>> (8 * i)));
    }
  }
}
