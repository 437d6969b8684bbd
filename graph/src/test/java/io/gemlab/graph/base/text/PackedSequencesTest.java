package io.gemlab.graph.base.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedSequencesTest {
  private static final Tokenizer BYTES = new ByteTokenizer();

  @TempDir Path folder;

  private PackedSequences packed(int length, double fraction) throws IOException {
    Files.writeString(folder.resolve("1.txt"), "abcdefgh");
    Files.writeString(folder.resolve("2.txt"), "ABCDEFGH");
    return PackedSequences.of(Corpus.of(folder), BYTES, length, fraction);
  }

  private static String shown(IntStream tokens) {
    StringBuilder text = new StringBuilder();
    tokens.forEach(id -> text.append(id == 2 ? "[" : id == 1 ? "]" : BYTES.decode(id)));
    return text.toString();
  }

  @Test
  void documentsFollowEachOtherBetweenBosAndEos() throws IOException {
    PackedSequences packed = packed(3, 0.25);
    assertEquals("[abcdefgh][ABCD", shown(packed.training().tokens()));
    assertEquals("EFGH]", shown(packed.validation().tokens()));
  }

  @Test
  void everyTokenButTheFirstIsPredictedOnce() throws IOException {
    TokenSequences training = packed(3, 0.25).training();
    assertEquals(4, training.count());
    LabelledBatch batch = training.batch(0, 1, 2, 3);
    String inputs = "";
    String labels = "";
    for (int row = 0; row < 4; row++) {
      inputs += shown(IntStream.of(batch.tokens().inputIds()[row])) + " ";
      labels += shown(IntStream.of(batch.labels()[row])) + " ";
    }
    assertEquals("[ab cde fgh ][A ", inputs);
    assertEquals("abc def gh] [AB ", labels);
  }

  @Test
  void whatIsLeftOverIsShorterThanASequence() throws IOException {
    for (int length = 1; length < 5; length++) {
      TokenSequences validation = packed(length, 0.4).validation();
      long tokens = validation.tokens().count();
      assertEquals((tokens - 1) / length, validation.count());
      assertEquals(length, validation.batch(0).tokens().inputIds()[0].length);
    }
  }

  @Test
  void sequencesThatAreNotThereAreRefused() throws IOException {
    TokenSequences training = packed(3, 0.25).training();
    assertThrows(IndexOutOfBoundsException.class, () -> training.batch(4));
    assertThrows(IndexOutOfBoundsException.class, () -> training.batch(-1));
  }

  @Test
  void aCorpusThatIsTooShortIsRefused() {
    String message = assertThrows(InvalidInput.class, () -> packed(5, 0.25)).getMessage();
    assertTrue(message.contains("has 20 tokens, too few"), message);
    assertThrows(InvalidInput.class, () -> packed(19, 0.1));
    assertThrows(IllegalArgumentException.class, () -> packed(0, 0.1));
    assertThrows(IllegalArgumentException.class, () -> packed(4, 0));
    assertThrows(IllegalArgumentException.class, () -> packed(4, 1));
  }

  @Test
  void anEpochTakesEverySequenceOnceInANewOrder() {
    PackedSequences packed = PackedSequences.of(Corpus.builtIn(), BYTES, 500, 0.1);
    TokenSequences training = packed.training();
    int count = training.count();
    assertEquals(2007, count);
    ShuffledBatches batches = new ShuffledBatches(training, 1, 42);
    int[][] order = new int[2][];
    for (int epoch = 0; epoch < 2; epoch++) {
      long first = (long) epoch * count;
      order[epoch] =
          IntStream.range(0, count)
              .map(i -> number(training, batches.at(first + i).tokens().inputIds()[0]))
              .toArray();
      assertArrayEquals(
          IntStream.range(0, count).toArray(), IntStream.of(order[epoch]).sorted().toArray());
    }
    long fixed = IntStream.range(0, count).filter(i -> order[0][i] == order[1][i]).count();
    long inPlace = IntStream.range(0, count).filter(i -> order[0][i] == i).count();
    long neighbours =
        IntStream.range(1, count).filter(i -> order[0][i] == order[0][i - 1] + 1).count();
    assertTrue(fixed < 10 && inPlace < 10 && neighbours < 10, "1 each is expected by chance");
  }

  private static int number(TokenSequences sequences, int[] inputIds) {
    return IntStream.range(0, sequences.count())
        .filter(i -> Arrays.equals(sequences.batch(i).tokens().inputIds()[0], inputIds))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aBatchIsAFunctionOfSeedAndStep() {
    TokenSequences training = PackedSequences.of(Corpus.builtIn(), BYTES, 64, 0.1).training();
    ShuffledBatches batches = new ShuffledBatches(training, 4, 1);
    LabelledBatch seventh = batches.at(7);
    batches.at(0);
    assertArrayEquals(
        seventh.tokens().inputIds(), new ShuffledBatches(training, 4, 1).at(7).tokens().inputIds());
    assertArrayEquals(seventh.labels(), new ShuffledBatches(training, 4, 1).at(7).labels());
    assertTrue(
        !Arrays.deepEquals(
            seventh.tokens().inputIds(),
            new ShuffledBatches(training, 4, 2).at(7).tokens().inputIds()));
    // The rows of a batch are the batches of one row.
    ShuffledBatches single = new ShuffledBatches(training, 1, 1);
    for (int row = 0; row < 4; row++) {
      assertArrayEquals(
          single.at(28 + row).tokens().inputIds()[0], seventh.tokens().inputIds()[row]);
    }
    assertThrows(IllegalArgumentException.class, () -> batches.at(-1));
    assertThrows(IllegalArgumentException.class, () -> new ShuffledBatches(training, 0, 1));
  }

  @Test
  void microBatchesAreTheStepsRowsInTheirOrder() {
    TokenSequences training = PackedSequences.of(Corpus.builtIn(), BYTES, 64, 0.1).training();
    ShuffledBatches batches = new ShuffledBatches(training, 6, 1);
    LabelledBatch whole = batches.at(3);
    for (int count : new int[] {1, 2, 3, 6}) {
      List<LabelledBatch> cut = batches.microBatches(3, count);
      assertEquals(count, cut.size());
      assertEquals(LabelledBatch.sha256(List.of(whole)), LabelledBatch.sha256(cut));
      assertArrayEquals(
          whole.labels(),
          cut.stream().flatMap(batch -> Arrays.stream(batch.labels())).toArray(int[][]::new));
    }
    assertThrows(IllegalArgumentException.class, () -> batches.microBatches(3, 4));
    assertThrows(IllegalArgumentException.class, () -> batches.microBatches(3, 0));
    assertEquals(6.0 * 100 / training.count(), batches.epochs(100));
  }

  /** The order of this build must be that of the ones before: records were made with it. */
  @Test
  void theOrderOfASeedNeverChanges() {
    TokenDocuments run = new TokenDocuments(TokenIds.of(IntStream.range(0, 101).toArray()), 0, 101);
    ShuffledBatches batches = new ShuffledBatches(TokenSequences.of(run, 1), 5, 7);
    assertArrayEquals(
        new int[][] {{4, 40, 12, 84, 9}, {27, 13, 31, 17, 98}},
        new int[][] {firsts(batches.at(0)), firsts(batches.at(21))});
  }

  private static int[] firsts(LabelledBatch batch) {
    return Arrays.stream(batch.tokens().inputIds()).mapToInt(row -> row[0]).toArray();
  }

  @Test
  void tinyCorporaAreShuffledToo() {
    for (int length : new int[] {9, 7, 5, 3, 2, 1}) {
      TokenDocuments ten = new TokenDocuments(TokenIds.of(IntStream.range(0, 10).toArray()), 0, 10);
      TokenSequences tokens = TokenSequences.of(ten, length);
      ShuffledBatches batches = new ShuffledBatches(tokens, tokens.count(), 3);
      int[] firsts =
          Arrays.stream(batches.at(5).tokens().inputIds()).mapToInt(row -> row[0]).toArray();
      assertArrayEquals(
          IntStream.range(0, tokens.count()).map(i -> i * length).toArray(),
          IntStream.of(firsts).sorted().toArray());
    }
  }
}
