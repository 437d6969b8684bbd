package io.gemlab.graph.base.batch;

import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.ops.Padding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/**
 * Rows of tokens of one length, with padding on either side of each.
 *
 * @param inputIds B rows of T ids
 * @param attentionMask the same shape; 0 where padding stands, otherwise 1
 */
public record TokenBatch(int[][] inputIds, int[][] attentionMask) {
  /** The argument that holds the ids, int32 [B, T]. */
  public static final String INPUT_IDS = "input_ids";

  /** The argument that holds each token's position, int32 [B, T]. */
  public static final String POSITIONS = "positions";

  public TokenBatch {
    if (inputIds.length == 0 || inputIds[0].length == 0) {
      throw new IllegalArgumentException("there are no tokens; give at least one row of one id");
    }
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
      if (attentionMask.length != inputIds.length || attentionMask[b].length != length) {
        throw new IllegalArgumentException(
            "attention_mask has not the shape of input_ids; give a 0 or 1 for each id");
      }
      requireRun(b, attentionMask[b]);
    }
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

  /** T. */
  public int length() {
    return inputIds[0].length;
  }

  /**
   * Where each token stands: its index in its row, as Hugging Face's forward pass counts; {@link
   * Padding#POSITION} for padding.
   */
  public int[][] positions() {
    int[][] positions = new int[rows()][length()];
    for (int b = 0; b < rows(); b++) {
      for (int t = 0; t < length(); t++) {
        positions[b][t] = attentionMask[b][t] == 0 ? Padding.POSITION : t;
      }
    }
    return positions;
  }

  /** SHA-256 of the ids as little-endian int32 in row order. */
  public String sha256() {
    Sha256.Pieces pieces = new Sha256.Pieces();
    for (int[] row : inputIds) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * row.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asIntBuffer().put(row);
      pieces.add(bytes.array());
    }
    return pieces.hex();
  }

  /** The arguments that every function of the model takes. */
  public Map<String, HostTensor> arguments() {
    return Map.of(
        INPUT_IDS, HostTensor.of(inputIds),
        POSITIONS, HostTensor.of(positions()));
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
}
