package io.gemlab.graph.path.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The op of products by a packed matrix, of any number of rows: oneDNN multiplies, and our threads
 * share the matrix's pieces. Sums are float32, rounded once.
 */
final class PackedProductOp {
  private static final String TYPE = Kernels.PREFIX + "PackedProduct";

  static {
    new KernelOp(
            TYPE,
            "T: {float, bfloat16}",
            List.of("x: T", "packed: uint8"),
            KernelOp.ONE_OUTPUT,
            KernelOp.OutputShape.OF_ROWS,
            PackedProductOp::multiply)
        .register();
  }

  private PackedProductOp() {}

  /** The op's name in graphs. */
  static String type() {
    return TYPE;
  }

  private static void multiply(KernelCall call) throws Throwable {
    KernelCall.Input x = call.input(0, 2);
    KernelCall.Input packed = call.input(1, 2);
    int rows = x.dimension(0);
    int in = x.dimension(1);
    int out = packed.dimension(0);
    DnnlFormat format = DnnlFormat.of(x.type());
    DnnlPacking packing = new DnnlPacking(format, in, out);
    require(TYPE, packing, x, packed);
    MemorySegment y = call.output(x.type(), rows, out);
    Workers.SHARED.share(
        packing.pieces(),
        1,
        (from, to) -> {
          for (int piece = from; piece < to; piece++) {
            DnnlProduct.run(
                DnnlProduct.Shape.packed(
                    format, new DnnlProduct.Size(rows, in, packing.rows(piece)), out),
                x.data(),
                packed.data().asSlice(packing.offset(piece)),
                y.asSlice((long) packing.first(piece) * format.bytes()));
          }
        });
  }

  /** Refuses a packed matrix that doesn't fit what is to be multiplied by it. */
  static void require(
      String op, MatrixPacking packing, KernelCall.Input x, KernelCall.Input packed) {
    if (packed.dimension(0) == packing.out() && packed.dimension(1) == packing.bytesPerRow()) {
      return;
    }
    throw KernelCall.unfit(op, "x is %s and W %s packed bytes", x, packed);
  }
}
