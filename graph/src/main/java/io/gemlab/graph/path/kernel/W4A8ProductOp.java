package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.FLOATS;

import io.gemlab.ops.matrix.A8Matrix;
import io.gemlab.ops.matrix.Int4Matrix;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The op of products of 4-bit weights and 8-bit activations, of any number of rows: it rounds x row
 * by row and multiplies by tiles of a packed matrix, which our threads share. Sums are exact in
 * each block of weights and float32 over blocks; y is rounded once.
 */
final class W4A8ProductOp {
  private static final String PRODUCT = Kernels.PREFIX + "W4A8Product";

  /** Fewest weights that a thread takes at once. */
  private static final int LEAST = 1 << 16;

  /** Rows of x that all tiles of a thread are multiplied by before the next: the cache has them. */
  private static final int ROWS = 32;

  static {
    new KernelOp(
            PRODUCT,
            "T: {float, bfloat16}",
            List.of("x: T", "packed: uint8", "scales: uint8"),
            KernelOp.ONE_OUTPUT,
            KernelOp.OutputShape.OF_ROWS,
            W4A8ProductOp::multiply)
        .register();
  }

  private W4A8ProductOp() {}

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
    TilePacking packing = TilePacking.ofIntegers(in, out);
    PackedProductOp.require(PRODUCT, packing, x, packed);
    PackedProductOp.require(PRODUCT, TilePacking.ofScales(in, out), x, scales);
    Floats y = new Floats(call.output(x.type(), rows, out), x.floats().wide());
    float[] factors = new float[rows];
    int[][] activations = new int[rows][];
    MemorySegment integers = call.scratch((long) rows * in);
    new RowRounding(x.floats(), in)
        .round(
            rows,
            integers,
            (row, largest) -> {
              factors[row] = largest / (A8Matrix.LARGEST * Int4Matrix.ONE);
              activations[row] = Int4Tiles.arrange(integers, (long) row * in, in);
            });
    Int4Tiles tiles = new Int4Tiles(packed.data(), scales.data(), in);
    Tiles product = new Tiles(tiles, activations, factors, y, out);
    Workers.SHARED.share(
        packing.tiles(),
        Workers.rows(LEAST, in * TilePacking.ROWS),
        (from, to) -> {
          float[] sums = new float[Int4Tiles.MOST * TilePacking.ROWS];
          for (int row = 0; row < rows; row += ROWS) {
            int end = Math.min(rows, row + ROWS);
            for (int tile = from; tile < to; tile++) product.put(tile, row, end, sums);
          }
        });
  }

  /**
   * Products tile by tile.
   *
   * @param activations x as {@link Int4Tiles#arrange} gives it, row by row
   * @param factors what each row's sums are multiplied by
   * @param y where products go, [M, out]
   */
  private record Tiles(Int4Tiles weights, int[][] activations, float[] factors, Floats y, int out) {

    /**
     * Multiplies some rows of x by a tile.
     *
     * @param sums memory for sums
     */
    void put(int tile, int from, int to, float[] sums) {
      for (int row = from; row < to; ) {
        // Three rows as four take less time than one by one.
        if (to - row < Int4Tiles.MOST - 1) {
          weights.multiply(tile, activations[row], sums);
          store(tile, row, row + 1, sums);
          row++;
        } else {
          int count = Math.min(Int4Tiles.MOST, to - row);
          weights.multiply(
              tile,
              activations[row],
              activations[row + 1],
              activations[row + 2],
              activations[row + count - 1],
              sums);
          store(tile, row, row + count, sums);
          row += count;
        }
      }
    }

    private void store(int tile, int from, int to, float[] sums) {
      int column = tile * TilePacking.ROWS;
      int columns = Math.min(TilePacking.ROWS, out - column);
      for (int row = from; row < to; row++) {
        int sum = (row - from) * TilePacking.ROWS;
        long at = (long) row * out + column;
        if (columns == TilePacking.ROWS) {
          y.store(FloatVector.fromArray(FLOATS, sums, sum).mul(factors[row]), at);
        } else {
          for (int i = 0; i < columns; i++) y.set(at + i, sums[sum + i] * factors[row]);
        }
      }
    }
  }
}
