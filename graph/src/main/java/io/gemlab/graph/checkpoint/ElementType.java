package io.gemlab.graph.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What one element of a safetensors tensor is. The constants are spelled as the format spells them,
 * and stand in the order in which Hugging Face's writer sorts them.
 *
 * <p>Formats narrower than a byte (F4, F6) are not known here: their tensors have no whole number
 * of bytes an element.
 *
 * @see <a href="https://github.com/huggingface/safetensors">safetensors, tensor.rs, Dtype</a>
 */
public enum ElementType {
  BOOL(1),
  U8(1),
  I8(1),
  F8_E5M2(1),
  F8_E4M3(1),
  I16(2),
  U16(2),
  F16(2),
  BF16(2),
  I32(4),
  U32(4),
  F32(4),
  F64(8),
  I64(8),
  U64(8);

  private final int byteSize;

  ElementType(int byteSize) {
    this.byteSize = byteSize;
  }

  /** Bytes of one element. */
  public int byteSize() {
    return byteSize;
  }

  /** The type that {@code code} spells in a header, if it is one of these. */
  static Optional<ElementType> of(String code) {
    return Arrays.stream(values()).filter(type -> type.name().equals(code)).findFirst();
  }

  /** The types that {@link FloatConversion} reads as float32. */
  static List<ElementType> readAsFloat32() {
    return List.of(F64, F32, BF16, F16);
  }

  /** The types that {@link FloatConversion} stores float32 values as. */
  static List<ElementType> storedFromFloat32() {
    return List.of(F32, BF16, F16);
  }
}
