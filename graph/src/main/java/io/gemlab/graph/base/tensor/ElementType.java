package io.gemlab.graph.base.tensor;

import java.util.Arrays;
import java.util.Optional;

/**
 * What one element of a tensor is. The constants are spelled as safetensors spells them, and stand
 * in the order in which Hugging Face's writer sorts them.
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
  public static Optional<ElementType> of(String code) {
    return Arrays.stream(values()).filter(type -> type.name().equals(code)).findFirst();
  }

  /** The name in messages and reports, as NumPy has it: {@code float32}, {@code bfloat16}... */
  public String label() {
    return switch (this) {
      case BOOL -> "bool";
      case U8 -> "uint8";
      case I8 -> "int8";
      case F8_E5M2 -> "float8_e5m2";
      case F8_E4M3 -> "float8_e4m3fn";
      case I16 -> "int16";
      case U16 -> "uint16";
      case F16 -> "float16";
      case BF16 -> "bfloat16";
      case I32 -> "int32";
      case U32 -> "uint32";
      case F32 -> "float32";
      case F64 -> "float64";
      case I64 -> "int64";
      case U64 -> "uint64";
    };
  }
}
