package io.gemlab.graph.base.batch;

import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.ops.Padding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Rows of tokens and what is to be predicted at each position: what everything that trains takes.
 *
 * <p>A position is scored where the token after it is known, so all T of a row that was cut from a
 * longer text ({@link #of}). Of rows, or documents within them, that stand alone nothing follows
 * the last token, and Hugging Face's losses leave it out: {@link #withinRows}.
 *
 * @param tokens B rows of T ids
 * @param labels [B, T] the token that follows each; {@link Padding#LABEL} where none is scored
 * @param more what a loss takes of the rows besides, such as a teacher's probabilities, by the
 *     argument's name; their first dimension is B
 */
public record LabelledBatch(TokenBatch tokens, int[][] labels, Map<String, HostTensor> more) {
  /** The argument that holds the labels, int32 [B, T]. */
  public static final String LABELS = "labels";

  public LabelledBatch {
    if (labels.length != tokens.rows()
        || Arrays.stream(labels).anyMatch(row -> row.length != tokens.length())) {
      throw new IllegalArgumentException(
          "labels have not the shape of the %d x %d tokens; give one for each"
              .formatted(tokens.rows(), tokens.length()));
    }
    more = Map.copyOf(more);
  }

  /** Rows of which a loss takes nothing more. */
  public LabelledBatch(TokenBatch tokens, int[][] labels) {
    this(tokens, labels, Map.of());
  }

  /** Rows without padding whose next tokens are all known. */
  public static LabelledBatch of(int[][] inputIds, int[][] labels) {
    return new LabelledBatch(TokenBatch.of(inputIds), labels);
  }

  /**
   * Each token predicts the one after it in its row and document. Not scored are the last position
   * of each, padding, and what precedes padding; so the first real token of a left-padded row is no
   * label either: its score would come from padding.
   */
  public static LabelledBatch withinRows(TokenBatch tokens) {
    int[][] ids = tokens.inputIds();
    int[][] documents = tokens.documents();
    int[][] labels = new int[tokens.rows()][tokens.length()];
    for (int b = 0; b < labels.length; b++) {
      for (int t = 0; t < labels[b].length; t++) {
        boolean scored =
            t + 1 < labels[b].length
                && documents[b][t] != 0
                && documents[b][t] == documents[b][t + 1];
        labels[b][t] = scored ? ids[b][t + 1] : Padding.LABEL;
      }
    }
    return new LabelledBatch(tokens, labels);
  }

  /**
   * Tells the tokens of a step from others, however the step is cut into micro-batches: SHA-256 of
   * their ids, row by row, each as 4 bytes of which the least comes first; 64 hexadecimal digits.
   *
   * @param microBatches the step's, in the order of its rows
   */
  public static String sha256(List<LabelledBatch> microBatches) {
    Sha256.Pieces pieces = new Sha256.Pieces();
    for (LabelledBatch batch : microBatches) {
      for (int[] row : batch.tokens().inputIds()) {
        ByteBuffer bytes =
            ByteBuffer.allocate(row.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(row);
        pieces.add(bytes.array());
      }
    }
    return pieces.hex();
  }

  /** The number of positions that are scored: what a mean loss of the batch is a mean over. */
  public int scored() {
    return (int)
        Arrays.stream(labels)
            .flatMapToInt(Arrays::stream)
            .filter(label -> !Padding.isLabel(label))
            .count();
  }

  /**
   * The rows in batches of one size, in their order.
   *
   * @param count how many batches; divides the rows
   * @throws IllegalArgumentException if it doesn't
   */
  public List<LabelledBatch> cut(int count) {
    int rows = tokens.rows();
    if (count < 1 || rows % count != 0) {
      throw new IllegalArgumentException(
          "%d rows can't be cut into %d batches of one size".formatted(rows, count));
    }
    int size = rows / count;
    return IntStream.range(0, count).mapToObj(i -> rows(i * size, (i + 1) * size)).toList();
  }

  private LabelledBatch rows(int from, int to) {
    Map<String, HostTensor> theirs = new HashMap<>();
    more.forEach((name, tensor) -> theirs.put(name, tensor.slices(from, to)));
    return new LabelledBatch(tokens.rows(from, to), Arrays.copyOfRange(labels, from, to), theirs);
  }

  /**
   * This batch, of which a step is to learn.
   *
   * @throws InvalidInput if no position is scored: there is nothing to learn from
   */
  public LabelledBatch requireScored() {
    if (scored() > 0) return this;
    throw new InvalidInput(
        "the batch of %d x %d has no token to learn from: none follows another one that is not padding; give a row of two tokens or more"
            .formatted(tokens.rows(), tokens.length()));
  }

  /** What a training step takes. */
  public Map<String, HostTensor> arguments() {
    Map<String, HostTensor> arguments = new HashMap<>(tokens.arguments());
    arguments.put(LABELS, HostTensor.of(labels));
    arguments.putAll(more);
    return arguments;
  }
}
