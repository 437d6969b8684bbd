package io.gemlab.graph.path.kernel;

/**
 * The element types of products that oneDNN computes.
 *
 * <p>Sums are float32, which are rounded once where the products are bfloat16, or int32.
 */
enum DnnlFormat {
  FLOAT32(DnnlApi.FLOAT32, DnnlApi.FLOAT32, Float.BYTES),
  BFLOAT16(DnnlApi.BFLOAT16, DnnlApi.BFLOAT16, Short.BYTES),
  INT8(DnnlApi.INT8, DnnlApi.INT32, Byte.BYTES);

  private final int number;
  private final int product;
  private final int bytes;

  DnnlFormat(int number, int product, int bytes) {
    this.number = number;
    this.product = product;
    this.bytes = bytes;
  }

  /** Of TensorFlow's number of an element type: float32, bfloat16, or uint8 for 8-bit integers. */
  static DnnlFormat of(int type) {
    return switch (type) {
      case KernelCall.DT_FLOAT -> FLOAT32;
      case KernelCall.DT_UINT8 -> INT8;
      default -> BFLOAT16;
    };
  }

  /** {@code dnnl_data_type_t} of both operands. */
  int number() {
    return number;
  }

  /** {@code dnnl_data_type_t} of products. */
  int product() {
    return product;
  }

  /** Bytes of an element of an operand. */
  int bytes() {
    return bytes;
  }
}
