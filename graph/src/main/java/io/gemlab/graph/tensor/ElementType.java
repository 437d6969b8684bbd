package io.gemlab.graph.tensor;

import java.util.Locale;

/** The types of a tensor's elements. */
public enum ElementType {
  FLOAT64(8),
  FLOAT32(4),
  BFLOAT16(2),
  FLOAT16(2),
  INT64(8),
  INT32(4),
  BOOL(1);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes an element takes. */
  public int bytes() {
    return bytes;
  }

  /** The name in messages and reports, as NumPy has it: {@code float32}, {@code bfloat16}... */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
