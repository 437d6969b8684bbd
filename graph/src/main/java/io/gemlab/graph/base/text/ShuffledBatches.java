package io.gemlab.graph.base.text;

import io.gemlab.graph.base.batch.LabelledBatch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An endless series of training batches in an order drawn by a seed. The batch of a step is a pure
 * function of the seed and the step, so a run that was stopped goes on with the batches that it
 * would have seen.
 *
 * <p>Every epoch takes each row once, in a new order; a batch may begin in one epoch and end in the
 * next.
 *
 * @param rows what the batches are made of
 * @param batchSize B, the rows of a step
 * @param seed of the order
 */
public record ShuffledBatches(TrainingRows rows, int batchSize, long seed) {
  public ShuffledBatches {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize is " + batchSize + ": give 1 or more");
    }
  }

  /**
   * The rows of a step.
   *
   * @param step from 0
   */
  public LabelledBatch at(long step) {
    return rows.batch(numbers(step));
  }

  /**
   * The rows of a step in batches of one size, whose gradients are accumulated.
   *
   * @param step from 0
   * @param count how many batches; divides the rows of a step
   * @return in the order of the rows, which is that of {@link #at}
   * @throws IllegalArgumentException if the rows of a step are no multiple of {@code count}
   */
  public List<LabelledBatch> microBatches(long step, int count) {
    if (count < 1 || batchSize % count != 0) {
      throw new IllegalArgumentException(
          "%d rows can't be cut into %d micro-batches of one size".formatted(batchSize, count));
    }
    int[] numbers = numbers(step);
    int size = batchSize / count;
    return IntStream.range(0, count)
        .mapToObj(i -> rows.batch(Arrays.copyOfRange(numbers, i * size, (i + 1) * size)))
        .toList();
  }

  /** How often each row has been seen, on average, once that many steps are done. */
  public double epochs(long steps) {
    return (double) steps * batchSize / rows.count();
  }

  private int[] numbers(long step) {
    if (step < 0) throw new IllegalArgumentException("step is " + step + ": count from 0");
    int count = rows.count();
    int[] numbers = new int[batchSize];
    for (int row = 0; row < batchSize; row++) {
      long drawn = Math.addExact(Math.multiplyExact(step, batchSize), row);
      Permutation order = new Permutation(count, mix(seed + mix(drawn / count)));
      numbers[row] = order.at((int) (drawn % count));
    }
    return numbers;
  }

  /** SplitMix64's finalizer (Steele et al., OOPSLA 2014): every bit depends on every bit. */
  static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /**
   * A permutation of 0 to {@code size} - 1 that takes no memory: a Feistel network over the next
   * power of four, walked on until it falls below {@code size} (Black and Rogaway, "Ciphers with
   * arbitrary finite domains", 2002).
   */
  private record Permutation(int size, long key) {
    private static final int ROUNDS = 6;

    int at(int index) {
      int half = (Integer.SIZE - Integer.numberOfLeadingZeros(size - 1) + 1) / 2;
      long mask = (1L << half) - 1;
      long value = index;
      do {
        long left = value >>> half;
        long right = value & mask;
        for (int round = 0; round < ROUNDS; round++) {
          long next = left ^ (mix(key + mix(right << 3 | round)) & mask);
          left = right;
          right = next;
        }
        value = left << half | right;
      } while (value >= size);
      return (int) value;
    }
  }
}
