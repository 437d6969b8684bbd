package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.gemlab.ops.matrix.Int4Matrix;
import io.gemlab.ops.matrix.Int8Matrix;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The ops of products of many rows by a matrix of integers: a piece of it is unpacked to what is
 * multiplied by it, into memory that the second cache keeps, and oneDNN multiplies.
 *
 * <p>Precision: as of TensorFlow's ops. Integers of 8 bits are exact in bfloat16, and the product
 * is rounded before their scale and after it; those of 4 bits are rounded with theirs.
 */
enum UnpackedProductOp {
  /** As {@link Int8Matrix} has them. */
  INT8("Int8") {
    @Override
    int rowBytes(int in) {
      return in;
    }

    @Override
    int scales(int in) {
      return 1;
    }

    @Override
    void unpack(
        MemorySegment bytes, long at, Floats scales, long scale, int in, Floats y, long to) {
      int i = 0;
      if (Lanes.HAVE_BYTES) {
        for (; i + COUNT <= in; i += COUNT)
          y.store(Lanes.floats(Lanes.bytes(bytes, at + i)), to + i);
      }
      for (; i < in; i++) y.set(to + i, bytes.get(JAVA_BYTE, at + i));
    }

    @Override
    void finish(Floats y, long at, int count, Floats scales, long first) {
      float factor = 1f / Int8Matrix.ONE;
      int i = 0;
      for (; i + COUNT <= count; i += COUNT) {
        y.store(y.load(at + i).mul(scales.load(first + i).mul(factor)), at + i);
      }
      for (; i < count; i++) y.set(at + i, y.get(at + i) * (scales.get(first + i) * factor));
    }
  },

  /** As {@link Int4Matrix} has them. */
  INT4("Int4") {
    @Override
    int rowBytes(int in) {
      return in / 2;
    }

    @Override
    int scales(int in) {
      return in / Int4Matrix.BLOCK;
    }

    @Override
    void unpack(
        MemorySegment bytes, long at, Floats scales, long scale, int in, Floats y, long to) {
      int j = 0;
      if (Lanes.HAVE_BYTES) {
        for (; j + COUNT <= in / 2; j += COUNT) {
          float factor = scales.get(scale + j / HALF) / Int4Matrix.ONE;
          IntVector both = Lanes.bytes(bytes, at + j);
          IntVector low =
              both.lanewise(VectorOperators.LSHL, ABOVE).lanewise(VectorOperators.ASHR, ABOVE);
          IntVector high = both.lanewise(VectorOperators.ASHR, BITS);
          long lower = to + element(j);
          y.store(Lanes.floats(low).mul(factor), lower);
          y.store(Lanes.floats(high).mul(factor), lower + HALF);
        }
      }
      for (; j < in / 2; j++) {
        float factor = scales.get(scale + j / HALF) / Int4Matrix.ONE;
        byte both = bytes.get(JAVA_BYTE, at + j);
        y.set(to + element(j), (both << ABOVE >> ABOVE) * factor);
        y.set(to + element(j) + HALF, (both >> BITS) * factor);
      }
    }

    /** The element in a byte's lower half; that of its upper half is half a block behind it. */
    private static int element(int place) {
      return place / HALF * Int4Matrix.BLOCK + place % HALF;
    }

    @Override
    void finish(Floats y, long at, int count, Floats scales, long first) {}
  };

  private static final int BITS = 4;
  private static final int ABOVE = Integer.SIZE - BITS;
  private static final int HALF = Int4Matrix.BLOCK / 2;

  /** Bytes of what is unpacked at a time. */
  private static final int PIECE = 1 << 18;

  private static final ThreadLocal<Scratch> UNPACKED = ThreadLocal.withInitial(Scratch::new);

  static {
    for (UnpackedProductOp op : values()) {
      new KernelOp(
              op.type,
              "T: {float, bfloat16}",
              List.of("x: T", "values: uint8", "scales: bfloat16"),
              KernelOp.ONE_OUTPUT,
              KernelOp.OutputShape.OF_ROWS,
              op::multiply)
          .register();
    }
  }

  private final String type;

  UnpackedProductOp(String format) {
    type = Kernels.PREFIX + "UnpackedProduct" + format;
  }

  /** The op's name in graphs. */
  String type() {
    return type;
  }

  /** Bytes of a row. */
  abstract int rowBytes(int in);

  /** Scales of a row. */
  abstract int scales(int in);

  /**
   * Unpacks a row.
   *
   * @param at where its bytes begin
   * @param scale its first scale
   * @param to where it goes
   */
  abstract void unpack(
      MemorySegment bytes, long at, Floats scales, long scale, int in, Floats y, long to);

  /**
   * What is left to do with a row of products.
   *
   * @param at the first of them, by the matrix's row {@code first}
   */
  abstract void finish(Floats y, long at, int count, Floats scales, long first);

  private void multiply(KernelCall call) throws Throwable {
    KernelCall.Input x = call.input(0, 2);
    KernelCall.Input values = call.input(1, 2);
    KernelCall.Input scales = call.input(2, 2);
    int rows = x.dimension(0);
    int in = x.dimension(1);
    int out = values.dimension(0);
    if (values.dimension(1) != rowBytes(in)
        || scales.dimension(0) != out
        || scales.dimension(1) != scales(in)) {
      throw KernelCall.unfit(type, "x is %s, W %s and its scales %s", x, values, scales);
    }
    DnnlFormat format = DnnlFormat.of(x.type());
    Floats y = new Floats(call.output(x.type(), rows, out), x.floats().wide());
    RowPieces pieces = new RowPieces(in * format.bytes(), out, PIECE);
    Matrix matrix = new Matrix(values.data(), scales.floats(), in);
    Workers.SHARED.share(
        pieces.count(),
        1,
        (from, to) -> {
          for (int piece = from; piece < to; piece++) {
            int first = pieces.first(piece);
            int count = pieces.rows(piece);
            DnnlProduct.run(
                DnnlProduct.Shape.of(
                    format,
                    new DnnlProduct.Size(rows, in, count),
                    DnnlProduct.Side.rows(in),
                    DnnlProduct.Side.rows(in),
                    out),
                x.data(),
                unpacked(matrix, first, count, format).data(),
                y.from(first));
            for (int m = 0; m < rows; m++) {
              finish(y, (long) m * out + first, count, matrix.scales(), first);
            }
          }
        });
  }

  /** What is multiplied by, as it lies packed. */
  private record Matrix(MemorySegment values, Floats scales, int in) {}

  /** Some of its rows, in the calling thread's memory. */
  private Floats unpacked(Matrix matrix, int first, int count, DnnlFormat format) {
    int in = matrix.in();
    MemorySegment memory = UNPACKED.get().of((long) count * in * format.bytes());
    Floats unpacked = new Floats(memory, format == DnnlFormat.FLOAT32);
    for (int row = 0; row < count; row++) {
      long number = first + row;
      unpack(
          matrix.values(),
          number * rowBytes(in),
          matrix.scales(),
          number * scales(in),
          in,
          unpacked,
          (long) row * in);
    }
    return unpacked;
  }
}
