package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.FLOATS;
import static io.gemlab.graph.path.kernel.Lanes.INTS;
import static io.gemlab.graph.path.kernel.Lanes.ORDER;
import static io.gemlab.graph.path.kernel.Lanes.SHORTS;

import io.gemlab.ops.matrix.Int4Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of {@link TilePacking tiles} of 4-bit weights and rows of 8-bit activations, in integers
 * of 16 bits: a lane of 32 bits is a row of the tile, its two words have four weights each, and
 * sums of a block of weights need no bits beyond, since {@code 8 * 127 * 16 < 2^15}.
 *
 * <p>All of it is modulo 2^16, which saves most of the unpacking. Of a word {@code v} with numbers
 * n0 to n3, from its lowest bits on, {@code n1 = (v >>> 4) - 16 (v >>> 8)} and so on, and so
 *
 * <pre>n0 a0 + n1 a1 + n2 a2 + n3 a3 = v a0 + (v >>> 4) (a1 - 16 a0) + (v >>> 8) (a2 - 16 a1) + ...
 * </pre>
 *
 * where no number has to be cut out of its word. Numbers are weights plus 8, which a block's sum
 * makes up for by beginning at -8 times the sum of its activations.
 *
 * <p>A method that is too large for the compiler to inline all of it takes fifty times as long:
 * hence loops where they are, and no methods of our own within.
 *
 * @param values weights of all tiles
 * @param scales of all tiles
 * @param in weights in a row
 */
record Int4Tiles(MemorySegment values, MemorySegment scales, int in) {
  /** Most rows of activations that are multiplied at once. */
  static final int MOST = 4;

  private static final VectorSpecies<Short> WORDS =
      VectorSpecies.of(short.class, FLOATS.vectorShape());
  private static final int BYTES = FLOATS.vectorByteSize();
  private static final int BLOCK = Int4Matrix.BLOCK;

  /** Numbers in a word. */
  private static final int NUMBERS = 4;

  /** Vectors of a block, each of two words a row. */
  private static final int VECTORS = BLOCK / NUMBERS / 2;

  /** Pairs of words that a block of activations takes: what its sum begins at, and its factors. */
  private static final int PAIRS = 1 + VECTORS * NUMBERS;

  /**
   * A row of activations as products take it.
   *
   * @param integers of all rows, int8
   * @param start of this one
   */
  static int[] arrange(MemorySegment integers, long start, int in) {
    int[] pairs = new int[in / BLOCK * PAIRS];
    for (int block = 0; block < in / BLOCK; block++) {
      int first = block * PAIRS;
      int lowerSum = 0;
      int upperSum = 0;
      for (int vector = 0; vector < VECTORS; vector++) {
        int lowerBefore = 0;
        int upperBefore = 0;
        for (int number = 0; number < NUMBERS; number++) {
          // Byte b of a block has elements b and b + 16.
          int inWord = number / 2 + number % 2 * (BLOCK / 2);
          long element = start + (long) block * BLOCK + vector * NUMBERS + inWord;
          int lower = integers.get(ValueLayout.JAVA_BYTE, element);
          int upper = integers.get(ValueLayout.JAVA_BYTE, element + NUMBERS / 2);
          pairs[first + 1 + NUMBERS * vector + number] =
              pair(lower - 16 * lowerBefore, upper - 16 * upperBefore);
          lowerSum += lower;
          upperSum += upper;
          lowerBefore = lower;
          upperBefore = upper;
        }
      }
      pairs[first] = pair(-Int4Matrix.ONE * lowerSum, -Int4Matrix.ONE * upperSum);
    }
    return pairs;
  }

  /** Two words, of which the lower bits of two numbers are left. */
  private static int pair(int lower, int upper) {
    return lower & 0xffff | upper << Short.SIZE;
  }

  /**
   * Sums of a row of activations and each row of a tile, times the blocks' scales.
   *
   * @param a the row, as {@link #arrange} gives it
   * @param sums where they go
   */
  void multiply(int tile, int[] a, float[] sums) {
    int blocks = in / BLOCK;
    long at = (long) tile * blocks * VECTORS * BYTES;
    long scaleAt = (long) tile * blocks * COUNT * Short.BYTES;
    FloatVector total = FloatVector.zero(FLOATS);
    for (int block = 0; block < blocks; block++) {
      FloatVector scale =
          Lanes.widen(ShortVector.fromMemorySegment(SHORTS, scales, scaleAt, ORDER));
      int i = block * PAIRS;
      ShortVector even = IntVector.broadcast(INTS, a[i]).reinterpretAsShorts();
      ShortVector odd = ShortVector.zero(WORDS);
      ShortVector words = ShortVector.fromMemorySegment(WORDS, values, at, ORDER);
      even = even.add(words.mul(IntVector.broadcast(INTS, a[i + 1]).reinterpretAsShorts()));
      odd =
          odd.add(
              words
                  .lanewise(VectorOperators.LSHR, 4)
                  .mul(IntVector.broadcast(INTS, a[i + 2]).reinterpretAsShorts()));
      even =
          even.add(
              words
                  .lanewise(VectorOperators.LSHR, 8)
                  .mul(IntVector.broadcast(INTS, a[i + 3]).reinterpretAsShorts()));
      odd =
          odd.add(
              words
                  .lanewise(VectorOperators.LSHR, 12)
                  .mul(IntVector.broadcast(INTS, a[i + 4]).reinterpretAsShorts()));
      words = ShortVector.fromMemorySegment(WORDS, values, at + BYTES, ORDER);
      even = even.add(words.mul(IntVector.broadcast(INTS, a[i + 5]).reinterpretAsShorts()));
      odd =
          odd.add(
              words
                  .lanewise(VectorOperators.LSHR, 4)
                  .mul(IntVector.broadcast(INTS, a[i + 6]).reinterpretAsShorts()));
      even =
          even.add(
              words
                  .lanewise(VectorOperators.LSHR, 8)
                  .mul(IntVector.broadcast(INTS, a[i + 7]).reinterpretAsShorts()));
      odd =
          odd.add(
              words
                  .lanewise(VectorOperators.LSHR, 12)
                  .mul(IntVector.broadcast(INTS, a[i + 8]).reinterpretAsShorts()));
      words = ShortVector.fromMemorySegment(WORDS, values, at + 2 * BYTES, ORDER);
      even = even.add(words.mul(IntVector.broadcast(INTS, a[i + 9]).reinterpretAsShorts()));
      odd =
          odd.add(
              words
                  .lanewise(VectorOperators.LSHR, 4)
                  .mul(IntVector.broadcast(INTS, a[i + 10]).reinterpretAsShorts()));
      even =
          even.add(
              words
                  .lanewise(VectorOperators.LSHR, 8)
                  .mul(IntVector.broadcast(INTS, a[i + 11]).reinterpretAsShorts()));
      odd =
          odd.add(
              words
                  .lanewise(VectorOperators.LSHR, 12)
                  .mul(IntVector.broadcast(INTS, a[i + 12]).reinterpretAsShorts()));
      words = ShortVector.fromMemorySegment(WORDS, values, at + 3 * BYTES, ORDER);
      even = even.add(words.mul(IntVector.broadcast(INTS, a[i + 13]).reinterpretAsShorts()));
      odd =
          odd.add(
              words
                  .lanewise(VectorOperators.LSHR, 4)
                  .mul(IntVector.broadcast(INTS, a[i + 14]).reinterpretAsShorts()));
      even =
          even.add(
              words
                  .lanewise(VectorOperators.LSHR, 8)
                  .mul(IntVector.broadcast(INTS, a[i + 15]).reinterpretAsShorts()));
      odd =
          odd.add(
              words
                  .lanewise(VectorOperators.LSHR, 12)
                  .mul(IntVector.broadcast(INTS, a[i + 16]).reinterpretAsShorts()));
      IntVector pairs = even.add(odd).reinterpretAsInts();
      IntVector whole =
          pairs
              .lanewise(VectorOperators.LSHL, Short.SIZE)
              .lanewise(VectorOperators.ASHR, Short.SIZE)
              .add(pairs.lanewise(VectorOperators.ASHR, Short.SIZE));
      total = ((FloatVector) whole.convertShape(VectorOperators.I2F, FLOATS, 0)).fma(scale, total);
      at += VECTORS * BYTES;
      scaleAt += COUNT * Short.BYTES;
    }
    total.intoArray(sums, 0);
  }

  /** The same of four rows of activations, whose sums stand one row after the other. */
  void multiply(int tile, int[] a0, int[] a1, int[] a2, int[] a3, float[] sums) {
    int blocks = in / BLOCK;
    long at = (long) tile * blocks * VECTORS * BYTES;
    long scaleAt = (long) tile * blocks * COUNT * Short.BYTES;
    FloatVector total0 = FloatVector.zero(FLOATS);
    FloatVector total1 = total0;
    FloatVector total2 = total0;
    FloatVector total3 = total0;
    for (int block = 0; block < blocks; block++) {
      FloatVector scale =
          Lanes.widen(ShortVector.fromMemorySegment(SHORTS, scales, scaleAt, ORDER));
      int i = block * PAIRS;
      ShortVector sum0 = IntVector.broadcast(INTS, a0[i]).reinterpretAsShorts();
      ShortVector sum1 = IntVector.broadcast(INTS, a1[i]).reinterpretAsShorts();
      ShortVector sum2 = IntVector.broadcast(INTS, a2[i]).reinterpretAsShorts();
      ShortVector sum3 = IntVector.broadcast(INTS, a3[i]).reinterpretAsShorts();
      for (int vector = 0; vector < VECTORS; vector++) {
        int j = i + 1 + NUMBERS * vector;
        ShortVector words =
            ShortVector.fromMemorySegment(WORDS, values, at + vector * BYTES, ORDER);
        ShortVector numbers = words;
        sum0 = sum0.add(numbers.mul(IntVector.broadcast(INTS, a0[j]).reinterpretAsShorts()));
        sum1 = sum1.add(numbers.mul(IntVector.broadcast(INTS, a1[j]).reinterpretAsShorts()));
        sum2 = sum2.add(numbers.mul(IntVector.broadcast(INTS, a2[j]).reinterpretAsShorts()));
        sum3 = sum3.add(numbers.mul(IntVector.broadcast(INTS, a3[j]).reinterpretAsShorts()));
        numbers = words.lanewise(VectorOperators.LSHR, 4);
        sum0 = sum0.add(numbers.mul(IntVector.broadcast(INTS, a0[j + 1]).reinterpretAsShorts()));
        sum1 = sum1.add(numbers.mul(IntVector.broadcast(INTS, a1[j + 1]).reinterpretAsShorts()));
        sum2 = sum2.add(numbers.mul(IntVector.broadcast(INTS, a2[j + 1]).reinterpretAsShorts()));
        sum3 = sum3.add(numbers.mul(IntVector.broadcast(INTS, a3[j + 1]).reinterpretAsShorts()));
        numbers = words.lanewise(VectorOperators.LSHR, 8);
        sum0 = sum0.add(numbers.mul(IntVector.broadcast(INTS, a0[j + 2]).reinterpretAsShorts()));
        sum1 = sum1.add(numbers.mul(IntVector.broadcast(INTS, a1[j + 2]).reinterpretAsShorts()));
        sum2 = sum2.add(numbers.mul(IntVector.broadcast(INTS, a2[j + 2]).reinterpretAsShorts()));
        sum3 = sum3.add(numbers.mul(IntVector.broadcast(INTS, a3[j + 2]).reinterpretAsShorts()));
        numbers = words.lanewise(VectorOperators.LSHR, 12);
        sum0 = sum0.add(numbers.mul(IntVector.broadcast(INTS, a0[j + 3]).reinterpretAsShorts()));
        sum1 = sum1.add(numbers.mul(IntVector.broadcast(INTS, a1[j + 3]).reinterpretAsShorts()));
        sum2 = sum2.add(numbers.mul(IntVector.broadcast(INTS, a2[j + 3]).reinterpretAsShorts()));
        sum3 = sum3.add(numbers.mul(IntVector.broadcast(INTS, a3[j + 3]).reinterpretAsShorts()));
      }
      IntVector pairs0 = sum0.reinterpretAsInts();
      IntVector whole0 =
          pairs0
              .lanewise(VectorOperators.LSHL, Short.SIZE)
              .lanewise(VectorOperators.ASHR, Short.SIZE)
              .add(pairs0.lanewise(VectorOperators.ASHR, Short.SIZE));
      total0 =
          ((FloatVector) whole0.convertShape(VectorOperators.I2F, FLOATS, 0)).fma(scale, total0);
      IntVector pairs1 = sum1.reinterpretAsInts();
      IntVector whole1 =
          pairs1
              .lanewise(VectorOperators.LSHL, Short.SIZE)
              .lanewise(VectorOperators.ASHR, Short.SIZE)
              .add(pairs1.lanewise(VectorOperators.ASHR, Short.SIZE));
      total1 =
          ((FloatVector) whole1.convertShape(VectorOperators.I2F, FLOATS, 0)).fma(scale, total1);
      IntVector pairs2 = sum2.reinterpretAsInts();
      IntVector whole2 =
          pairs2
              .lanewise(VectorOperators.LSHL, Short.SIZE)
              .lanewise(VectorOperators.ASHR, Short.SIZE)
              .add(pairs2.lanewise(VectorOperators.ASHR, Short.SIZE));
      total2 =
          ((FloatVector) whole2.convertShape(VectorOperators.I2F, FLOATS, 0)).fma(scale, total2);
      IntVector pairs3 = sum3.reinterpretAsInts();
      IntVector whole3 =
          pairs3
              .lanewise(VectorOperators.LSHL, Short.SIZE)
              .lanewise(VectorOperators.ASHR, Short.SIZE)
              .add(pairs3.lanewise(VectorOperators.ASHR, Short.SIZE));
      total3 =
          ((FloatVector) whole3.convertShape(VectorOperators.I2F, FLOATS, 0)).fma(scale, total3);
      at += VECTORS * BYTES;
      scaleAt += COUNT * Short.BYTES;
    }
    total0.intoArray(sums, 0);
    total1.intoArray(sums, COUNT);
    total2.intoArray(sums, 2 * COUNT);
    total3.intoArray(sums, 3 * COUNT);
  }
}
