package io.gemlab.graph.base.batch;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.ops.Padding;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Rows of tokens of one length, with padding on either side of each.
 *
 * @param inputIds B rows of T ids
 * @param documents the number of the document within its row that each token is of, counted from 1
 *     in the order in which they stand; 0 where padding stands. A row that is one text has ones
 * @param packing what a row holds: so which arguments a function takes, also where no row happens
 *     to hold two documents
 */
public record TokenBatch(int[][] inputIds, int[][] documents, Packing packing) {
  /** The argument that holds the ids, int32 [B, T]. */
  public static final String INPUT_IDS = "input_ids";

  /** The argument that holds each token's position, int32 [B, T]. */
  public static final String POSITIONS = "positions";

  /** The argument that holds each token's document, int32 [B, T]; of packed rows only. */
  public static final String DOCUMENTS = "documents";

  public TokenBatch {
    if (inputIds.length == 0 || inputIds[0].length == 0) {
      throw new IllegalArgumentException("there are no tokens; give at least one row of one id");
    }
    String mask = packing == Packing.NONE ? "attention_mask" : DOCUMENTS;
    int length = inputIds[0].length;
    for (int b = 0; b < inputIds.length; b++) {
      if (inputIds[b].length != length) {
        throw new IllegalArgumentException(
            "row "
                + b
                + " has "
                + inputIds[b].length
                + " ids and row 0 has "
                + length
                + "; pad rows to one length and give an attention_mask");
      }
      if (documents.length != inputIds.length || documents[b].length != length) {
        throw new IllegalArgumentException(
            mask + " has not the shape of input_ids; give a number for each id");
      }
      switch (packing) {
        case NONE -> requireRun(b, documents[b]);
        case DOCUMENTS -> requireRuns(b, documents[b]);
      }
    }
  }

  /**
   * Rows that are one text each.
   *
   * @param attentionMask the shape of the ids; 0 where padding stands, otherwise 1
   */
  public TokenBatch(int[][] inputIds, int[][] attentionMask) {
    this(inputIds, attentionMask, Packing.NONE);
  }

  /** Rows without padding. */
  public static TokenBatch of(int[][] inputIds) {
    int[][] mask = new int[inputIds.length][];
    for (int b = 0; b < mask.length; b++) {
      mask[b] = new int[inputIds[b].length];
      Arrays.fill(mask[b], 1);
    }
    return new TokenBatch(inputIds, mask);
  }

  /**
   * Rows of random tokens, each id as likely as any other, without padding.
   *
   * @param seed of the same seed come the same tokens
   * @param rows B
   * @param length T
   * @param vocabSize ids are below it
   */
  public static TokenBatch random(long seed, int rows, int length, int vocabSize) {
    Random random = new Random(seed);
    int[][] ids = new int[rows][];
    for (int b = 0; b < rows; b++) ids[b] = random.ints(length, 0, vocabSize).toArray();
    return of(ids);
  }

  /** B. */
  public int rows() {
    return inputIds.length;
  }

  /** Some of the rows, one after the other. */
  TokenBatch rows(int from, int to) {
    return new TokenBatch(
        Arrays.copyOfRange(inputIds, from, to), Arrays.copyOfRange(documents, from, to), packing);
  }

  /** T. */
  public int length() {
    return inputIds[0].length;
  }

  /** The shape of the ids; 0 where padding stands, otherwise 1. */
  public int[][] attentionMask() {
    return Arrays.stream(documents)
        .map(row -> Arrays.stream(row).map(document -> Math.min(document, 1)).toArray())
        .toArray(int[][]::new);
  }

  /**
   * Where each token stands: its index in its row, as Hugging Face's forward pass counts, or in its
   * document where rows are packed; {@link Padding#POSITION} for padding.
   */
  public int[][] positions() {
    int[][] positions = new int[rows()][length()];
    for (int b = 0; b < rows(); b++) {
      int start = 0;
      for (int t = 0; t < length(); t++) {
        boolean begins = t > 0 && documents[b][t] != documents[b][t - 1];
        if (begins && packing == Packing.DOCUMENTS) start = t;
        positions[b][t] = documents[b][t] == 0 ? Padding.POSITION : t - start;
      }
    }
    return positions;
  }

  /** How many tokens each document has, row by row; padding is none. */
  public IntStream documentLengths() {
    return Arrays.stream(documents).flatMapToInt(TokenBatch::lengths);
  }

  private static IntStream lengths(int[] row) {
    int[] counts = new int[Arrays.stream(row).max().orElseThrow() + 1];
    for (int document : row) counts[document]++;
    return Arrays.stream(counts, 1, counts.length);
  }

  /** How often an id stands in the rows, padding left out. */
  public int count(int id) {
    int count = 0;
    for (int b = 0; b < rows(); b++) {
      for (int t = 0; t < length(); t++) {
        if (documents[b][t] != 0 && inputIds[b][t] == id) count++;
      }
    }
    return count;
  }

  /** The arguments that every function of the model takes of such rows. */
  public Map<String, HostTensor> arguments() {
    Map<String, HostTensor> arguments = new HashMap<>();
    arguments.put(INPUT_IDS, HostTensor.of(inputIds));
    arguments.put(POSITIONS, HostTensor.of(positions()));
    if (packing == Packing.DOCUMENTS) arguments.put(DOCUMENTS, HostTensor.of(documents));
    return Map.copyOf(arguments);
  }

  /** Padding in the middle of a row would leave holes in the positions. */
  private static void requireRun(int row, int[] mask) {
    int changes = 0;
    for (int t = 0; t < mask.length; t++) {
      if (mask[t] != 0 && mask[t] != 1) {
        throw new IllegalArgumentException(
            "attention_mask holds " + mask[t] + " in row " + row + "; give 0 or 1");
      }
      int before = t == 0 ? 0 : mask[t - 1];
      if (mask[t] == 1 && before == 0) changes++;
    }
    if (changes > 1) {
      throw new IllegalArgumentException(
          "attention_mask has padding between tokens in row "
              + row
              + "; padding may stand before and after them only");
    }
  }

  /** Documents are told apart by numbers that grow, so each is one run. */
  private static void requireRuns(int row, int[] documents) {
    int last = 0;
    for (int t = 0; t < documents.length; t++) {
      boolean goesOn = documents[t] == (t == 0 ? 0 : documents[t - 1]);
      if (!goesOn && documents[t] != 0 && documents[t] != last + 1) {
        throw new IllegalArgumentException(
            "documents holds %d behind document %d in row %d; number them from 1 as they stand"
                .formatted(documents[t], last, row));
      }
      last = Math.max(last, documents[t]);
    }
  }
}
