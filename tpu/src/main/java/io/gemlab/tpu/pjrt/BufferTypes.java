package io.gemlab.tpu.pjrt;

import io.gemlab.graph.base.tensor.ElementType;
import java.util.Arrays;

/** The numbers of {@code PJRT_Buffer_Type}. */
final class BufferTypes {
  private BufferTypes() {}

  static int number(ElementType type) {
    return switch (type) {
      case BOOL -> 1;
      case I8 -> 2;
      case I16 -> 3;
      case I32 -> 4;
      case I64 -> 5;
      case U8 -> 6;
      case U16 -> 7;
      case U32 -> 8;
      case U64 -> 9;
      case F16 -> 10;
      case F32 -> 11;
      case F64 -> 12;
      case BF16 -> 13;
      case F8_E5M2 -> 16;
      case F8_E4M3 -> 17;
    };
  }

  /**
   * The element type of a number.
   *
   * @throws IllegalStateException if it is one that no tensor of Gemlab's has, such as complex64
   */
  static ElementType type(int number) {
    return Arrays.stream(ElementType.values())
        .filter(type -> number(type) == number)
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("a buffer of PJRT's type " + number + " is not known"));
  }
}
