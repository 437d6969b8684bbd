package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.FLOATS;
import static io.gemlab.graph.path.kernel.Lanes.INTS;
import static io.gemlab.graph.path.kernel.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.gemlab.ops.matrix.A8Matrix;
import io.gemlab.ops.matrix.Int8Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The op of products of 8-bit integers, of any number of rows: it rounds x row by row and has
 * oneDNN multiply by a packed matrix, whose pieces our threads share. Sums are int32; y is rounded
 * once.
 */
final class W8A8ProductOp {
  private static final String PRODUCT = Kernels.PREFIX + "W8A8Product";

  /** Most rows of x that are multiplied at once: their sums are short of memory's way. */
  private static final int ROWS = 512;

  private static final ThreadLocal<MemorySegment> SUMS =
      ThreadLocal.withInitial(() -> MemorySegment.NULL);

  static {
    new KernelOp(
            PRODUCT,
            "T: {float, bfloat16}",
            List.of("x: T", "packed: uint8", "scales: bfloat16"),
            KernelOp.ONE_OUTPUT,
            KernelOp.OutputShape.OF_ROWS,
            W8A8ProductOp::multiply)
        .register();
  }

  private W8A8ProductOp() {}

  /** The product's name in graphs. */
  static String type() {
    return PRODUCT;
  }

  private static void multiply(KernelCall call) throws Throwable {
    KernelCall.Input x = call.input(0, 2);
    KernelCall.Input packed = call.input(1, 2);
    KernelCall.Input scales = call.input(2, 2);
    int rows = x.dimension(0);
    int in = x.dimension(1);
    int out = packed.dimension(0);
    DnnlPacking packing = new DnnlPacking(DnnlFormat.INT8, in, out);
    PackedProductOp.require(PRODUCT, packing, x, packed);
    Floats y = new Floats(call.output(x.type(), rows, out), x.floats().wide());
    float[] factors = new float[rows];
    MemorySegment integers = call.scratch((long) rows * in);
    new RowRounding(x.floats(), in)
        .round(
            rows,
            integers,
            (row, largest) -> factors[row] = largest / (A8Matrix.LARGEST * Int8Matrix.ONE));
    Scaling scaling = new Scaling(scales.floats(), factors, y, out);
    Workers.SHARED.share(
        packing.pieces(),
        1,
        (from, to) -> {
          for (int piece = from; piece < to; piece++) {
            MemorySegment w = packed.data().asSlice(packing.offset(piece));
            Columns columns = new Columns(packing.first(piece), packing.rows(piece));
            multiply(integers, w, columns, in, scaling);
          }
        });
  }

  /** Some columns of y. */
  private record Columns(int first, int count) {}

  private static void multiply(
      MemorySegment integers, MemorySegment w, Columns columns, int in, Scaling scaling) {
    int rows = scaling.factors().length;
    for (int m = 0; m < rows; m += ROWS) {
      int count = Math.min(ROWS, rows - m);
      MemorySegment sums = sums(count * columns.count());
      DnnlProduct.run(
          DnnlProduct.Shape.packed(
              DnnlFormat.INT8, new DnnlProduct.Size(count, in, columns.count()), columns.count()),
          integers.asSlice((long) m * in),
          w,
          sums);
      scaling.put(sums, m, count, columns);
    }
  }

  /** The calling thread's memory of at least so many sums. */
  private static MemorySegment sums(int count) {
    MemorySegment sums = SUMS.get();
    if (sums.byteSize() < (long) Integer.BYTES * count) {
      sums = Arena.ofAuto().allocate(JAVA_INT, count);
      SUMS.set(sums);
    }
    return sums;
  }

  /**
   * Sums to values.
   *
   * @param scales of each column
   * @param factors of each row
   * @param y where values go
   * @param out columns of y
   */
  private record Scaling(Floats scales, float[] factors, Floats y, int out) {

    /** Writes values of some rows and columns. */
    void put(MemorySegment sums, int row, int rows, Columns some) {
      int columns = some.count();
      int first = some.first();
      for (int m = 0; m < rows; m++) {
        float factor = factors[row + m];
        long from = (long) Integer.BYTES * m * columns;
        long to = (long) (row + m) * out + first;
        int i = 0;
        for (; i + COUNT <= columns; i += COUNT) {
          IntVector whole =
              IntVector.fromMemorySegment(INTS, sums, from + (long) Integer.BYTES * i, ORDER);
          FloatVector sum = (FloatVector) whole.convertShape(VectorOperators.I2F, FLOATS, 0);
          FloatVector scale = scales.load(first + i).mul(factor);
          y.store(sum.mul(scale), to + i);
        }
        for (; i < columns; i++) {
          int sum = sums.get(JAVA_INT, from + (long) Integer.BYTES * i);
          y.set(to + i, sum * (scales.get(first + i) * factor));
        }
      }
    }
  }
}
