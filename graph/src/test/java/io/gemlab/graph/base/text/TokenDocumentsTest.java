package io.gemlab.graph.base.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.TokenDocuments.Split;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class TokenDocumentsTest {
  private static final OptionalInt BOS = OptionalInt.of(2);

  /** Documents that end at these indices; each begins with BOS. */
  private static TokenDocuments documents(int... ends) {
    int[] ids = new int[ends[ends.length - 1]];
    long[] bounds = new long[ends.length + 1];
    for (int i = 0; i < ids.length; i++) ids[i] = 10 + i;
    for (int d = 0; d < ends.length; d++) {
      ids[(int) bounds[d]] = BOS.getAsInt();
      bounds[d + 1] = ends[d];
    }
    return new TokenDocuments(TokenIds.of(ids), bounds);
  }

  private static void assertSplit(Split split, long[] training, long... validation) {
    assertArrayEquals(training, split.training().bounds());
    assertArrayEquals(validation, split.validation().bounds());
  }

  private static long[] bounds(long... bounds) {
    return bounds;
  }

  @Test
  void validationIsTheLastDocuments() {
    TokenDocuments five = documents(20, 40, 60, 80, 100);
    assertSplit(five.split(0.2), bounds(0, 20, 40, 60, 80), 80, 100);
    assertSplit(five.split(0.25), bounds(0, 20, 40, 60, 80), 80, 100);
    assertSplit(five.split(0.35), bounds(0, 20, 40, 60), 60, 80, 100);
    assertSplit(five.splitBetween(0.001).orElseThrow(), bounds(0, 20, 40, 60, 80), 80, 100);
    assertSplit(five.splitBetween(0.999).orElseThrow(), bounds(0, 20), 20, 40, 60, 80, 100);
  }

  /** Where whole documents would be far too much, or too little. */
  @Test
  void aDocumentIsCutWhereNoBorderIsNear() {
    assertSplit(documents(100).split(0.1), bounds(0, 90), 90, 100);
    assertSplit(documents(5, 100).split(0.1), bounds(0, 5, 90), 90, 100);
    assertSplit(documents(50, 99, 100).split(0.1), bounds(0, 50, 90), 90, 99, 100);
    assertTrue(documents(100).splitBetween(0.1).isEmpty());
  }

  @Test
  void aRunIsCutAnywhere() {
    assertSplit(documents(50, 100).splitAnywhere(0.1), bounds(0, 50, 90), 90, 100);
    assertSplit(documents(50, 100).splitAnywhere(0.5), bounds(0, 50), 50, 100);
    assertEquals(0, documents(3).splitAnywhere(0.1).validation().size());
  }

  @Test
  void bosStandsInFrontAlone() {
    assertEquals(3, documents(4, 5, 9).requireSound("x", 100, BOS));
    assertEquals(0, documents(4, 5, 9).requireSound("x", 100, OptionalInt.empty()));
    TokenDocuments twice = new TokenDocuments(TokenIds.of(2, 7, 1, 2, 2, 8, 1), 0, 3, 7);
    assertEquals(
        "x: document 2 has the BOS token 2 amid its tokens, at token 4 of the corpus: BOS stands"
            + " once in front of each document",
        assertThrows(InvalidInput.class, () -> twice.requireSound("x", 100, BOS)).getMessage());
  }

  @Test
  void bosStandsInFrontOfEveryDocument() {
    TokenDocuments lacking = new TokenDocuments(TokenIds.of(2, 7, 1, 8, 9, 1), 0, 3, 6);
    lacking.requireBegun("x", OptionalInt.empty());
    String message =
        assertThrows(InvalidInput.class, () -> lacking.requireBegun("x", BOS)).getMessage();
    assertTrue(message.startsWith("x: document 2 begins with the id 8 and not with"), message);
    documents(4, 5, 9).requireBegun("x", BOS);
  }

  @Test
  void idsHaveAPlaceInTheVocabulary() {
    TokenDocuments documents = new TokenDocuments(TokenIds.of(2, 99, 100, 1), 0, 4);
    documents.requireSound("x", 101, BOS);
    String message =
        assertThrows(InvalidInput.class, () -> documents.requireSound("a.bin", 100, BOS))
            .getMessage();
    assertTrue(
        message.startsWith(
            "a.bin: token 2 (counted from 0) has the id 100, and the model's vocabulary has 100"),
        message);
    // An id of 32 bits that Java takes for a number below 0.
    TokenDocuments huge = new TokenDocuments(TokenIds.of(-1), 0, 1);
    assertTrue(
        assertThrows(InvalidInput.class, () -> huge.requireSound("x", 100, BOS))
            .getMessage()
            .contains("the id 4294967295"));
  }
}
