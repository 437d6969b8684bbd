package io.gemlab.graph.path.kernel;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.gemlab.ops.matrix.Int4Matrix;
import java.lang.foreign.MemorySegment;

/**
 * How 4-bit integers and their scales lie packed for {@link Int4Tiles}: as many rows as a vector
 * has lanes are one tile, in which what the rows have at one place stands side by side. The last
 * tile may have rows of nothing.
 *
 * @param width 16-bit words that stay together: 2 of integers, 1 of scales
 * @param flipped bits of a word that are turned: the highest of each integer, which makes q in [-8,
 *     7] the number q + 8 in [0, 15]
 * @param places how often {@code width} words stand in a row
 * @param out rows
 */
record TilePacking(int width, short flipped, int places, int out) implements MatrixPacking {
  private static final short HIGHEST = (short) 0x8888;

  /** Integers in two words. */
  private static final int NUMBERS = 8;

  /** Rows of a tile. */
  static final int ROWS = Lanes.COUNT;

  /**
   * Of a matrix.
   *
   * @param type TensorFlow's number of its element type: uint8 for integers, two in each, or
   *     bfloat16 for scales
   * @param in elements in a row
   */
  static TilePacking of(int type, int in, int out) {
    return type == KernelCall.DT_UINT8
        ? ofIntegers(2 * in, out)
        : ofScales(in * Int4Matrix.BLOCK, out);
  }

  /** Of the integers of a matrix of [out, in]. */
  static TilePacking ofIntegers(int in, int out) {
    return new TilePacking(2, HIGHEST, in / NUMBERS, out);
  }

  /** Of the scales of a matrix of [out, in]. */
  static TilePacking ofScales(int in, int out) {
    return new TilePacking(1, (short) 0, in / Int4Matrix.BLOCK, out);
  }

  /** How many tiles there are. */
  int tiles() {
    return Math.ceilDiv(out, ROWS);
  }

  /** Bytes of a tile. */
  long tileBytes() {
    return (long) Short.BYTES * width * places * ROWS;
  }

  @Override
  public long bytes() {
    return tiles() * tileBytes();
  }

  @Override
  public void pack(MemorySegment plain, MemorySegment packed) {
    Workers.SHARED.share(
        out,
        ROWS,
        (from, to) -> {
          for (int row = from; row < to; row++) copy(row, plain, packed, true);
        });
  }

  @Override
  public void unpack(MemorySegment packed, MemorySegment plain) {
    Workers.SHARED.share(
        out,
        ROWS,
        (from, to) -> {
          for (int row = from; row < to; row++) copy(row, plain, packed, false);
        });
  }

  private void copy(int row, MemorySegment plain, MemorySegment packed, boolean pack) {
    long inside = row / ROWS * tileBytes() + (long) Short.BYTES * width * (row % ROWS);
    long outside = (long) Short.BYTES * width * places * row;
    for (int place = 0; place < places; place++) {
      for (int word = 0; word < width; word++) {
        long in = inside + (long) Short.BYTES * word;
        long out = outside + (long) Short.BYTES * word;
        if (pack) move(plain, out, packed, in);
        else move(packed, in, plain, out);
      }
      inside += (long) Short.BYTES * width * ROWS;
      outside += (long) Short.BYTES * width;
    }
  }

  private void move(MemorySegment from, long source, MemorySegment to, long target) {
    short word = from.get(JAVA_SHORT_UNALIGNED, source);
    to.set(JAVA_SHORT_UNALIGNED, target, (short) (word ^ flipped));
  }
}
