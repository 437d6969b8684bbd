package io.gemlab.experiments.train;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.train.PositionLosses;
import io.gemlab.ops.Padding;
import java.util.ArrayList;
import java.util.List;

/**
 * How the loss depends on how much of the text before it a position sees: means over positions 1,
 * 2, 3 to 4, 5 to 8 and so on, counted from 1.
 */
public final class LossByPosition {
  private LossByPosition() {}

  /**
   * Positions up to twice those of the bucket before.
   *
   * @param last the last position in it
   * @param loss the mean over its scored positions, nats a token
   */
  public record Bucket(int last, double loss) {}

  /**
   * Measures.
   *
   * @param executable holds the weights
   * @param function the losses, as {@link PositionLosses#trace} traced it
   * @param batches at least one
   * @return the buckets that hold a scored position
   */
  public static List<Bucket> of(
      Executable executable, String function, List<LabelledBatch> batches) {
    Sums sums = new Sums(batches.getFirst().tokens().length());
    for (LabelledBatch batch : batches) {
      try (Results results = executable.run(function, batch.arguments())) {
        sums.add(batch, results.get(PositionLosses.LOSSES).floats());
      }
    }
    return sums.buckets();
  }

  /** Sums over the positions of each bucket. */
  static final class Sums {
    private final int length;
    private final double[] losses;
    private final long[] scored;

    /**
     * @param length the last position that there may be
     */
    Sums(int length) {
      this.length = length;
      this.losses = new double[bucket(length) + 1];
      this.scored = new long[losses.length];
    }

    /**
     * Adds the losses of a batch.
     *
     * @param losses_M one for each position, row by row
     */
    void add(LabelledBatch batch, float[] losses_M) {
      int[][] positions = batch.tokens().positions();
      int m = 0;
      for (int b = 0; b < batch.labels().length; b++) {
        for (int t = 0; t < batch.labels()[b].length; t++, m++) {
          if (Padding.isLabel(batch.labels()[b][t])) continue;
          int bucket = bucket(positions[b][t] + 1);
          losses[bucket] += losses_M[m];
          scored[bucket]++;
        }
      }
    }

    /** The power of two that a position goes up to. */
    private static int bucket(int position) {
      return Integer.SIZE - Integer.numberOfLeadingZeros(position - 1);
    }

    List<Bucket> buckets() {
      List<Bucket> buckets = new ArrayList<>();
      for (int bucket = 0; bucket < losses.length; bucket++) {
        if (scored[bucket] == 0) continue;
        buckets.add(new Bucket(Math.min(1 << bucket, length), losses[bucket] / scored[bucket]));
      }
      return buckets;
    }
  }
}
