package io.gemlab.graph.path.product;

import io.gemlab.graph.base.tensor.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A way to compute a matrix product. All compute the same sums in float32; what is rounded, and in
 * which order terms are added, differs by the last bits.
 */
public enum ProductKernel {
  /** TensorFlow's product as it was traced. */
  TENSORFLOW,

  /**
   * The same, of copies of those operands that it would read transposed. oneDNN reads such a
   * float32 matrix slower than the copy takes on some processors.
   */
  TRANSPOSED,

  /**
   * A float32 product of the operands in float32, rounded once. Processors that widen bfloat16
   * themselves multiply it at half the rate of float32.
   */
  WIDENED;

  private static final List<String> LABELS =
      Arrays.stream(values()).map(ProductKernel::label).toList();

  /** The name on the command line, in files and in reports. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The names of all. */
  public static List<String> labels() {
    return LABELS;
  }

  /** The kernel of a name, if there is one. */
  static Optional<ProductKernel> find(String label) {
    return Arrays.stream(values()).filter(kernel -> kernel.label().equals(label)).findFirst();
  }

  /** Whether it computes such a product otherwise than the others do. */
  public boolean applies(ProductShape shape) {
    return switch (this) {
      case TENSORFLOW -> true;
      case TRANSPOSED -> shape.leftTransposed() || shape.rightTransposed();
      case WIDENED -> shape.type() == ElementType.BF16;
    };
  }

  /** Those that compute such a product. */
  static List<ProductKernel> candidates(ProductShape shape) {
    return Arrays.stream(values()).filter(kernel -> kernel.applies(shape)).toList();
  }
}
