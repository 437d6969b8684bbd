package io.gemlab.graph.base.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LabelledBatchTest {
  private static final int NONE = -100;

  /** Padding at the left, at the right, and none: the last position of a row predicts nothing. */
  @Test
  void withinARowEachTokenPredictsTheNext() {
    int[][] ids = {{0, 0, 5, 6}, {7, 8, 0, 0}, {1, 2, 3, 4}};
    int[][] mask = {{0, 0, 1, 1}, {1, 1, 0, 0}, {1, 1, 1, 1}};
    assertArrayEquals(
        new int[][] {{NONE, NONE, 6, NONE}, {8, NONE, NONE, NONE}, {2, 3, 4, NONE}},
        LabelledBatch.withinRows(new TokenBatch(ids, mask)).labels());
    assertEquals(5, LabelledBatch.withinRows(new TokenBatch(ids, mask)).scored());
  }

  @Test
  void whatFollowsACutRowIsScoredAtEveryPosition() {
    LabelledBatch batch = LabelledBatch.of(new int[][] {{1, 2}}, new int[][] {{2, 3}});
    assertArrayEquals(new int[] {2, 3}, batch.arguments().get("labels").ints());
    assertTrue(batch.arguments().keySet().containsAll(Set.of("input_ids", "positions")));
  }

  @Test
  void rowsAreCutWithAllThatBelongsToThem() {
    int[][] ids = {{1, 2}, {3, 4}, {5, 6}, {7, 8}};
    int[][] documents = {{1, 1}, {1, 2}, {1, 0}, {1, 1}};
    HostTensor taught = HostTensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2);
    LabelledBatch whole =
        new LabelledBatch(
            new TokenBatch(ids, documents, Packing.DOCUMENTS), ids, Map.of("taught", taught));
    LabelledBatch second = new Share(1, 2).of(whole);
    assertArrayEquals(new int[][] {{5, 6}, {7, 8}}, second.tokens().inputIds());
    assertArrayEquals(new int[][] {{1, 0}, {1, 1}}, second.tokens().documents());
    assertEquals(Packing.DOCUMENTS, second.tokens().packing());
    assertArrayEquals(new int[][] {{5, 6}, {7, 8}}, second.labels());
    assertArrayEquals(new float[] {5, 6, 7, 8}, second.arguments().get("taught").floats());
    assertEquals(whole.scored(), whole.cut(4).stream().mapToInt(LabelledBatch::scored).sum());
    assertThrows(IllegalArgumentException.class, () -> whole.cut(3));
    InvalidInput uneven = assertThrows(InvalidInput.class, () -> new Share(0, 3).rows(4));
    assertTrue(uneven.getMessage().contains("4 rows and there are 3 workers"));
  }

  /** Of Python: hashlib.sha256(numpy.array([[1, 2], [3, 258]], "<i4").tobytes()).hexdigest(). */
  @Test
  void theHashOfAStepIsTheSameHoweverItIsCut() {
    LabelledBatch whole = LabelledBatch.withinRows(TokenBatch.of(new int[][] {{1, 2}, {3, 258}}));
    String hash = LabelledBatch.sha256(List.of(whole));
    assertEquals("c973273130a74bd8d952aaad3cc91bf15b7ae5253d25bc0cd6f0c0a8f567e264", hash);
    assertEquals(
        hash,
        LabelledBatch.sha256(
            List.of(
                LabelledBatch.withinRows(TokenBatch.of(new int[][] {{1, 2}})),
                LabelledBatch.withinRows(TokenBatch.of(new int[][] {{3, 258}})))));
  }

  @Test
  void nothingToLearnFromIsRefused() {
    LabelledBatch alone = LabelledBatch.withinRows(TokenBatch.of(new int[][] {{1}, {2}}));
    assertTrue(
        assertThrows(InvalidInput.class, alone::requireScored)
            .getMessage()
            .startsWith("the batch of 2 x 1 has no token to learn from"));
    assertThrows(
        IllegalArgumentException.class,
        () -> LabelledBatch.of(new int[][] {{1, 2}}, new int[][] {{2}}));
  }
}
