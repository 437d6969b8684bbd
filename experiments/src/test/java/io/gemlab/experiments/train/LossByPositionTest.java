package io.gemlab.experiments.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.experiments.train.LossByPosition.Bucket;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.ops.Padding;
import java.util.List;
import org.junit.jupiter.api.Test;

class LossByPositionTest {
  /** Positions 1, 2, 3 to 4, 5 to 6; one of the second row is not scored. */
  @Test
  void bucketsArePowersOfTwoUpToTheLength() {
    LabelledBatch batch =
        LabelledBatch.of(
            new int[][] {{1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1}},
            new int[][] {{1, 1, 1, 1, 1, 1}, {1, Padding.LABEL, 1, 1, 1, 1}});
    LossByPosition.Sums sums = new LossByPosition.Sums(6);
    sums.add(batch, new float[] {1, 2, 3, 4, 5, 6, 3, 0, 5, 4, 5, 2});
    assertEquals(
        List.of(new Bucket(1, 2), new Bucket(2, 2), new Bucket(4, 4), new Bucket(6, 4.5)),
        sums.buckets());
  }
}
