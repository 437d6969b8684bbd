package io.gemlab.graph.path.kernel;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The ops of products of a few rows: x, a matrix in a format, and the scales it may have. Sums are
 * float32, rounded once.
 */
enum RowProductOp {
  BFLOAT16(
      Kernels.PREFIX + "RowProductBfloat16",
      "T: {bfloat16}",
      List.of("x: T", "weights: T"),
      new Bfloat16Rows()),
  INT8(Kernels.PREFIX + "RowProductInt8", Quantized.FLOATS, Quantized.INPUTS, new Int8Rows()),
  INT4(Kernels.PREFIX + "RowProductInt4", Quantized.FLOATS, Quantized.INPUTS, new Int4Rows());

  /**
   * Fewest weights that a thread takes at once: 128 KiB in bfloat16. Of 8 and 4 bits these are
   * fewer bytes, but no less work: unpacking bounds it.
   */
  private static final int LEAST = 1 << 16;

  private static final class Quantized {
    private static final String FLOATS = "T: {float, bfloat16}";
    private static final List<String> INPUTS = List.of("x: T", "values: uint8", "scales: bfloat16");
  }

  static {
    for (RowProductOp op : values()) {
      new KernelOp(
              op.type,
              op.attribute,
              op.inputs,
              KernelOp.ONE_OUTPUT,
              KernelOp.OutputShape.OF_ROWS,
              call -> op.multiply(call, op.format))
          .register();
    }
  }

  private final String type;
  private final String attribute;
  private final List<String> inputs;
  private final RowFormat<?> format;

  RowProductOp(String type, String attribute, List<String> inputs, RowFormat<?> format) {
    this.type = type;
    this.attribute = attribute;
    this.inputs = inputs;
    this.format = format;
  }

  /** The op's name in graphs. */
  String type() {
    return type;
  }

  private <X> void multiply(KernelCall call, RowFormat<X> format) throws Throwable {
    KernelCall.Input x = call.input(0, 2);
    KernelCall.Input weights = call.input(1, 2);
    MemorySegment scales = inputs.size() > 2 ? call.input(2, 2).data() : MemorySegment.NULL;
    int rows = x.dimension(0);
    int in = x.dimension(1);
    int out = weights.dimension(0);
    if (weights.data().byteSize() != out * format.rowBytes(in)) {
      throw KernelCall.unfit(type, "x is %s and W %s", x, weights);
    }
    List<X> arranged = new ArrayList<>();
    for (int m = 0; m < rows; m++) arranged.add(format.arrange(x.floats(m * in, in)));
    Floats y = new Floats(call.output(x.type(), rows, out), x.floats().wide());
    Workers.SHARED.share(
        out,
        Workers.rows(LEAST, in),
        (from, to) -> {
          float[] sums = new float[rows];
          for (int row = from; row < to; row++) {
            format.dots(weights.data(), scales, row, in, arranged, sums);
            for (int m = 0; m < rows; m++) y.set((long) m * out + row, sums[m]);
          }
        });
  }
}
