package io.gemlab.experiments.merge.method;

/**
 * Which elements of a tensor have the largest values, found without sorting or keeping them: the
 * values' bits are counted, the upper half and then the lower, since floats of one sign are ordered
 * as their bits are.
 *
 * @param threshold the smallest of them
 * @param cut of those that equal it, the last that belongs to them
 */
record LargestValues(float threshold, long cut) {
  private static final int HALF = Short.SIZE;
  private static final int BUCKETS = 1 << HALF;

  /** All of a tensor's elements. */
  static final LargestValues ALL = new LargestValues(-1, Long.MAX_VALUE);

  /** None of a tensor's elements. */
  static final LargestValues NONE = new LargestValues(Float.POSITIVE_INFINITY, -1);

  /** Values of a tensor's elements, none below 0. */
  @FunctionalInterface
  interface Values {
    void read(long first, int count, float[] target_N);
  }

  /**
   * Sets all elements of a piece to 0 whose magnitudes are none of them.
   *
   * @param first of the piece
   */
  void keep(long first, int count, float[] values_N) {
    int equal = Math.clamp(cut + 1 - first, 0, count); // up to here equal ones belong
    for (int i = 0; i < count; i++) {
      float value = values_N[i];
      float least = i < equal ? threshold : Math.nextUp(threshold);
      values_N[i] = Sparsifier.kept(value, Math.abs(value) >= least);
    }
  }

  /** Whether an element with this value is one of them. */
  boolean has(long element, float value) {
    return value > threshold || value == threshold && element <= cut;
  }

  /**
   * Finds the {@code wanted} largest; of equal ones those that come first.
   *
   * @param wanted at least 1, and no more than there are elements
   */
  static LargestValues of(long elements, long wanted, Values values) {
    Search search = new Search(elements, values);
    long[] upper = search.countUpper();
    int bucket = bucket(upper, wanted);
    long left = wanted - above(upper, bucket);
    long[] lower = search.countLower(bucket);
    int low = bucket(lower, left);
    long ofEqual = left - above(lower, low);
    int threshold = (bucket << HALF) + low;
    return new LargestValues(
        Float.intBitsToFloat(threshold),
        ofEqual == lower[low] ? elements : search.place(threshold, ofEqual));
  }

  /** The bucket of the value that has {@code rank - 1} above it. */
  private static int bucket(long[] counts, long rank) {
    long seen = 0;
    for (int bucket = BUCKETS - 1; ; bucket--) {
      seen += counts[bucket];
      if (seen >= rank) return bucket;
    }
  }

  private static long above(long[] counts, int bucket) {
    long above = 0;
    for (int higher = bucket + 1; higher < BUCKETS; higher++) above += counts[higher];
    return above;
  }

  /** Looks at all values, a piece at a time. */
  private record Search(long elements, Values values) {
    /** By the upper half of their bits. */
    long[] countUpper() {
      long[] counts = new long[BUCKETS];
      forEachPiece(
          (count, piece) -> {
            for (int i = 0; i < count; i++) counts[Float.floatToRawIntBits(piece[i]) >>> HALF]++;
          });
      return counts;
    }

    /** By the lower half, of those in a bucket of the upper. */
    long[] countLower(int upper) {
      long[] counts = new long[BUCKETS];
      forEachPiece(
          (count, piece) -> {
            for (int i = 0; i < count; i++) {
              int bits = Float.floatToRawIntBits(piece[i]);
              if (bits >>> HALF == upper) counts[bits & (BUCKETS - 1)]++;
            }
          });
      return counts;
    }

    private void forEachPiece(Visitor visitor) {
      float[] piece = new float[TensorInputs.PIECE];
      for (long first = 0; first < elements; first += piece.length) {
        int count = (int) Math.min(piece.length, elements - first);
        values.read(first, count, piece);
        visitor.visit(count, piece);
      }
    }

    @FunctionalInterface
    private interface Visitor {
      void visit(int count, float[] piece);
    }

    /** Where the {@code number}th value of these bits stands. */
    long place(int bits, long number) {
      float[] piece = new float[TensorInputs.PIECE];
      long left = number;
      for (long first = 0; first < elements; first += piece.length) {
        int count = (int) Math.min(piece.length, elements - first);
        values.read(first, count, piece);
        for (int i = 0; i < count; i++) {
          if (Float.floatToRawIntBits(piece[i]) == bits && --left == 0) return first + i;
        }
      }
      throw new IllegalStateException("the values changed while they were counted");
    }
  }
}
