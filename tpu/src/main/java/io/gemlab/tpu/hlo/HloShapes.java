package io.gemlab.tpu.hlo;

import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.tpu.hlo.proto.PrimitiveType;
import io.gemlab.tpu.hlo.proto.ShapeProto;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a shape holds. */
public final class HloShapes {
  private HloShapes() {}

  static boolean isTuple(ShapeProto shape) {
    return shape.getElementType() == PrimitiveType.TUPLE;
  }

  /** Elements of an array; of a tuple, those of its first array, as XLA counts. */
  public static long elements(ShapeProto shape) {
    if (isTuple(shape))
      return shape.getTupleShapesCount() == 0 ? 0 : elements(shape.getTupleShapes(0));
    long elements = 1;
    for (long dimension : shape.getDimensionsList()) {
      elements = Math.multiplyExact(elements, dimension);
    }
    return elements;
  }

  /** Bytes of all arrays; a tuple's table of pointers is not counted. */
  public static long bytes(ShapeProto shape) {
    if (isTuple(shape)) {
      return shape.getTupleShapesList().stream().mapToLong(HloShapes::bytes).sum();
    }
    return Math.ceilDiv(Math.multiplyExact(elements(shape), bits(shape.getElementType())), 8);
  }

  /** As {@code bf16[2,3]}. */
  public static String text(ShapeProto shape) {
    if (isTuple(shape)) {
      return shape.getTupleShapesList().stream()
          .map(HloShapes::text)
          .collect(Collectors.joining(", ", "(", ")"));
    }
    return shape.getElementType().name().toLowerCase(Locale.ROOT)
        + shape.getDimensionsList().stream()
            .map(String::valueOf)
            .collect(Collectors.joining(",", "[", "]"));
  }

  /** A tensor as XLA shows it. */
  public static String text(TensorSpec spec) {
    PrimitiveType type =
        switch (spec.type()) {
          case BOOL -> PrimitiveType.PRED;
          case U8 -> PrimitiveType.U8;
          case I8 -> PrimitiveType.S8;
          case F8_E5M2 -> PrimitiveType.F8E5M2;
          case F8_E4M3 -> PrimitiveType.F8E4M3FN;
          case I16 -> PrimitiveType.S16;
          case U16 -> PrimitiveType.U16;
          case F16 -> PrimitiveType.F16;
          case BF16 -> PrimitiveType.BF16;
          case I32 -> PrimitiveType.S32;
          case U32 -> PrimitiveType.U32;
          case F32 -> PrimitiveType.F32;
          case I64 -> PrimitiveType.S64;
          case U64 -> PrimitiveType.U64;
          case F64 -> PrimitiveType.F64;
        };
    return text(
        ShapeProto.newBuilder()
            .setElementType(type)
            .addAllDimensions(spec.shape().dimensions())
            .build());
  }

  private static int bits(PrimitiveType type) {
    return switch (type) {
      case PRED, S8, U8, F8E5M2, F8E4M3FN -> 8;
      case S16, U16, F16, BF16 -> 16;
      case S32, U32, F32 -> 32;
      case S64, U64, F64, C64 -> 64;
      case C128 -> 128;
      case S4, U4 -> 4;
      case TUPLE, TOKEN, OPAQUE_TYPE, PRIMITIVE_TYPE_INVALID -> 0;
      case UNRECOGNIZED ->
          throw new IllegalArgumentException("an element type that Gemlab does not know");
    };
  }
}
