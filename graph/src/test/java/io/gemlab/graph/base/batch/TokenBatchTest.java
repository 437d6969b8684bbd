package io.gemlab.graph.base.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;

class TokenBatchTest {
  private static final int[][] IDS = {{5, 6, 7, 8, 9, 0}};

  private static TokenBatch packed(int... documents) {
    return new TokenBatch(IDS, new int[][] {documents}, Packing.DOCUMENTS);
  }

  @Test
  void positionsBeginAgainInEachDocument() {
    TokenBatch batch = packed(1, 1, 2, 2, 2, 0);
    assertArrayEquals(new int[][] {{0, 1, 0, 1, 2, -1}}, batch.positions());
    assertArrayEquals(new int[][] {{1, 1, 1, 1, 1, 0}}, batch.attentionMask());
    assertArrayEquals(new int[][] {{-1, 0, 1, 0, -1, -1}}, packed(0, 1, 1, 2, 0, 0).positions());
  }

  @Test
  void documentsAreCountedWithoutPadding() {
    TokenBatch batch = packed(1, 1, 2, 2, 2, 0);
    assertArrayEquals(new int[] {2, 3}, batch.documentLengths().toArray());
    assertEquals(1, batch.count(7));
    assertEquals(0, batch.count(0));
    assertArrayEquals(new int[] {6}, TokenBatch.of(IDS).documentLengths().toArray());
  }

  /** The last token of a document doesn't predict the first of the next. */
  @Test
  void labelsStayWithinADocument() {
    assertArrayEquals(
        new int[][] {{6, -100, 8, 9, -100, -100}},
        LabelledBatch.withinRows(packed(1, 1, 2, 2, 2, 0)).labels());
  }

  /** Also where each row holds one document, so that a program's arguments don't change. */
  @Test
  void onlyPackedRowsSayTheirDocuments() {
    assertEquals(
        Set.of("input_ids", "positions", "documents"),
        packed(1, 1, 1, 1, 1, 0).arguments().keySet());
    assertEquals(Set.of("input_ids", "positions"), TokenBatch.of(IDS).arguments().keySet());
  }

  @Test
  void documentsAreNumberedAsTheyStand() {
    refused("documents holds 2 behind document 0 in row 0", 2, 2, 2, 2, 2, 2);
    refused("documents holds 3 behind document 1", 1, 3, 3, 3, 3, 3);
    refused("documents holds 1 behind document 1", 1, 0, 1, 1, 1, 1);
    refused("documents holds 1 behind document 2", 1, 2, 1, 1, 1, 1);
    refused("documents holds -1", -1, 1, 1, 1, 1, 1);
    refused("documents has not the shape", 1, 1);
  }

  private static void refused(String reason, int... documents) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> packed(documents)).getMessage();
    assertTrue(message.contains(reason), message);
  }
}
