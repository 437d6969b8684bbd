package io.gemlab.graph.base.tensor;

import io.gemlab.ops.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * An element that is no finite number.
 *
 * @param value NaN or an infinity
 * @param coordinates where it stands
 */
public record NotFinite(double value, List<Long> coordinates) {
  static NotFinite of(HostTensor tensor, long element) {
    return new NotFinite(value(tensor, element), tensor.shape().coordinates(element));
  }

  private static double value(HostTensor tensor, long element) {
    MemorySegment data = tensor.data();
    return switch (tensor.type()) {
      case F64 -> data.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, element * Double.BYTES);
      case F32 -> data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, element * Float.BYTES);
      case BF16 ->
          Bfloat16.toFloat(data.get(ValueLayout.JAVA_SHORT_UNALIGNED, element * Short.BYTES));
      case F16 ->
          Float.float16ToFloat(data.get(ValueLayout.JAVA_SHORT_UNALIGNED, element * Short.BYTES));
      default -> throw new IllegalArgumentException(tensor.type() + " has finite values only");
    };
  }

  /** As {@code NaN at [3, 5]}. */
  @Override
  public String toString() {
    return value + " at " + coordinates;
  }
}
