package io.gemlab.graph.base.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.Packing;
import io.gemlab.ops.Padding;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DocumentRowsTest {
  private static final int NONE = Padding.LABEL;

  /** Documents of these sizes, whose tokens are numbered through from 100. */
  private static TokenDocuments documents(int... sizes) {
    long[] bounds = new long[sizes.length + 1];
    for (int d = 0; d < sizes.length; d++) bounds[d + 1] = bounds[d] + sizes[d];
    int all = (int) bounds[sizes.length];
    return new TokenDocuments(TokenIds.of(IntStream.range(100, 100 + all).toArray()), bounds);
  }

  private static LabelledBatch all(TrainingRows rows) {
    return rows.batch(IntStream.range(0, rows.count()).toArray());
  }

  @Test
  void wholeDocumentsShareARow() {
    DocumentRows rows = DocumentRows.packed(documents(2, 5, 3), 6, 0);
    LabelledBatch batch = all(rows);
    assertEquals(Packing.DOCUMENTS, batch.tokens().packing());
    assertArrayEquals(
        new int[][] {{102, 103, 104, 105, 106, 0}, {107, 108, 109, 100, 101, 0}},
        batch.tokens().inputIds());
    assertArrayEquals(
        new int[][] {{1, 1, 1, 1, 1, 0}, {1, 1, 1, 2, 2, 0}}, batch.tokens().documents());
    assertArrayEquals(
        new int[][] {
          {103, 104, 105, 106, NONE, NONE},
          {108, 109, NONE, 101, NONE, NONE}
        },
        batch.labels());
    assertEquals(7, rows.scored());
    assertEquals(10, rows.tokens());
  }

  /** In pieces, which predict across their borders; a last token alone would predict nothing. */
  @Test
  void aDocumentLongerThanARowGoesOnInTheNext() {
    DocumentRows rows = DocumentRows.padded(documents(9, 2), 4, 7);
    LabelledBatch batch = all(rows);
    assertEquals(Packing.NONE, batch.tokens().packing());
    assertArrayEquals(
        new int[][] {{100, 101, 102, 103}, {104, 105, 106, 107}, {109, 110, 7, 7}},
        batch.tokens().inputIds());
    assertArrayEquals(
        new int[][] {{101, 102, 103, 104}, {105, 106, 107, 108}, {110, NONE, NONE, NONE}},
        batch.labels());
    assertArrayEquals(
        new int[][] {{1, 1, 1, 1}, {1, 1, 1, 1}, {1, 1, 0, 0}}, batch.tokens().attentionMask());
    assertEquals(batch.scored(), rows.scored());
  }

  @Test
  void onlyScoredTokensAreLabels() {
    TokenDocuments plain = documents(4, 3);
    BitSet scored = new BitSet();
    scored.set(2);
    scored.set(6);
    TokenDocuments chosen = new TokenDocuments(plain.tokens(), plain.bounds(), Optional.of(scored));
    DocumentRows rows = DocumentRows.packed(chosen, 7, 0);
    assertArrayEquals(new int[][] {{NONE, 102, NONE, NONE, NONE, 106, NONE}}, all(rows).labels());
    assertEquals(2, rows.scored());
  }

  /** Whatever the sizes: each token but a document's first is a label once, and rows are filled. */
  @Test
  void everyTokenButTheFirstIsPredictedOnce() {
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 50; round++) {
      int length = random.nextInt(2, 20);
      int[] sizes = random.ints(random.nextInt(1, 40), 1, 3 * length).toArray();
      TokenDocuments documents = documents(sizes);
      for (DocumentRows rows :
          List.of(
              DocumentRows.packed(documents, length, 0),
              DocumentRows.padded(documents, length, 0))) {
        if (rows.count() == 0) continue;
        LabelledBatch batch = all(rows);
        List<Integer> want = new ArrayList<>();
        for (int d = 0; d < sizes.length; d++) {
          for (long i = documents.bounds()[d] + 1; i < documents.bounds()[d + 1]; i++) {
            want.add(documents.tokens().at(i));
          }
        }
        List<Integer> got = new ArrayList<>();
        for (int[] row : batch.labels()) {
          for (int label : row) if (label != NONE) got.add(label);
        }
        got.sort(null);
        assertEquals(want, got);
        assertEquals(want.size(), rows.scored());
      }
      DocumentRows packed = DocumentRows.packed(documents, length, 0);
      assertTrue(packed.count() <= 2 * (packed.tokens() / length) + 1, "rows are half empty");
    }
  }

  @Test
  void rowsThatAreNotThereAreRefused() {
    DocumentRows rows = DocumentRows.packed(documents(3), 4, 0);
    assertThrows(IndexOutOfBoundsException.class, () -> rows.batch(1));
    assertThrows(IndexOutOfBoundsException.class, () -> rows.batch(-1));
  }
}
