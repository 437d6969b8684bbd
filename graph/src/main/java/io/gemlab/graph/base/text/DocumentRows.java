package io.gemlab.graph.base.text;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.ops.Padding;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Rows that hold documents from their beginning: one a row ({@link #padded}), or as many as fit
 * ({@link #packed}), which are not to see each other. Padding stands behind.
 *
 * <p>A document that is longer than a row is cut into pieces as long as a row and a last one, each
 * of which stands in a row like a document; only the first has the document's BOS. Nothing of it is
 * lost: the last token of a piece predicts the first of the next, so every token of a document but
 * its first is predicted once. The last token of a document predicts nothing.
 */
public final class DocumentRows implements TrainingRows {
  private final TokenDocuments documents;
  private final int length;
  private final Packing packing;
  private final int padding;

  /** The index of each piece's first token, in the order of the documents. */
  private final long[] starts;

  /** The index behind the last token of each piece's document. */
  private final long[] ends;

  /** The pieces of all rows, row by row. */
  private final int[] pieces;

  /** Where each row's pieces begin among them, and behind them where the last row's end. */
  private final int[] rows;

  private DocumentRows(
      TokenDocuments documents, int length, Packing packing, int padding, Pieces found) {
    this.documents = documents;
    this.length = length;
    this.packing = packing;
    this.padding = padding;
    this.starts = found.starts();
    this.ends = found.ends();
    int[] rowOf = new int[starts.length];
    int[] order = new int[starts.length];
    int count = fill(rowOf, order);
    this.rows = new int[count + 1];
    for (int row : rowOf) rows[row + 1]++;
    for (int row = 0; row < count; row++) rows[row + 1] += rows[row];
    int[] next = Arrays.copyOf(rows, count);
    this.pieces = new int[starts.length];
    for (int piece : order) pieces[next[rowOf[piece]]++] = piece;
  }

  /** Where pieces are; see the fields. */
  private record Pieces(long[] starts, long[] ends) {
    /** A token alone at a document's end predicts nothing, and is no piece. */
    static Pieces of(TokenDocuments documents, int length) {
      LongStream.Builder starts = LongStream.builder();
      LongStream.Builder ends = LongStream.builder();
      for (int document = 0; document < documents.count(); document++) {
        long end = documents.bounds()[document + 1];
        for (long start = documents.bounds()[document]; start < end - 1; start += length) {
          starts.add(start);
          ends.add(end);
        }
      }
      return new Pieces(starts.build().toArray(), ends.build().toArray());
    }
  }

  /**
   * As many documents a row as fit: the longest first, each into the row that it leaves the least
   * space in.
   *
   * @param length T
   * @param padding the id that fills rows
   */
  public static DocumentRows packed(TokenDocuments documents, int length, int padding) {
    return new DocumentRows(
        documents, length, Packing.DOCUMENTS, padding, Pieces.of(documents, length));
  }

  /** One document a row; parameters as for {@link #packed}. */
  public static DocumentRows padded(TokenDocuments documents, int length, int padding) {
    return new DocumentRows(documents, length, Packing.NONE, padding, Pieces.of(documents, length));
  }

  /**
   * Puts pieces into rows.
   *
   * @param rowOf receives each piece's row
   * @param order receives the pieces as they were put
   * @return how many rows there are
   */
  private int fill(int[] rowOf, int[] order) {
    return switch (packing) {
      case NONE -> {
        Arrays.setAll(rowOf, piece -> piece);
        Arrays.setAll(order, piece -> piece);
        yield rowOf.length;
      }
      case DOCUMENTS -> {
        longestFirst(order);
        OpenRows open = new OpenRows(length);
        for (int piece : order) rowOf[piece] = open.put(size(piece));
        yield open.count();
      }
    };
  }

  /** Sorted by counting; those of one size stay in the order of the documents. */
  private void longestFirst(int[] order) {
    int[] at = new int[length + 2];
    for (int piece = 0; piece < order.length; piece++) at[length - size(piece) + 1]++;
    for (int i = 0; i <= length; i++) at[i + 1] += at[i];
    for (int piece = 0; piece < order.length; piece++) order[at[length - size(piece)]++] = piece;
  }

  /** Tokens of a piece. */
  private int size(int piece) {
    return (int) Math.min(length, ends[piece] - starts[piece]);
  }

  @Override
  public int count() {
    return rows.length - 1;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public long scored() {
    long scored = 0;
    for (int piece = 0; piece < starts.length; piece++) {
      long last = Math.min(starts[piece] + length, ends[piece] - 1);
      for (long i = starts[piece] + 1; i <= last; i++) if (documents.isScored(i)) scored++;
    }
    return scored;
  }

  /** Tokens in all rows, without padding. */
  public long tokens() {
    long tokens = 0;
    for (int piece = 0; piece < starts.length; piece++) tokens += size(piece);
    return tokens;
  }

  @Override
  public LabelledBatch batch(int... numbers) {
    int[][] ids = new int[numbers.length][length];
    int[][] places = new int[numbers.length][length];
    int[][] labels = new int[numbers.length][length];
    for (int b = 0; b < numbers.length; b++) {
      int row = numbers[b];
      if (row < 0 || row >= count()) {
        throw new IndexOutOfBoundsException("Row " + row + " of " + count());
      }
      Arrays.fill(ids[b], padding);
      Arrays.fill(labels[b], Padding.LABEL);
      int t = 0;
      for (int i = rows[row]; i < rows[row + 1]; i++) {
        int piece = pieces[i];
        for (int end = t + size(piece), offset = 0; t < end; t++, offset++) {
          long index = starts[piece] + offset;
          ids[b][t] = documents.tokens().at(index);
          places[b][t] = i - rows[row] + 1;
          if (index + 1 < ends[piece] && documents.isScored(index + 1)) {
            labels[b][t] = documents.tokens().at(index + 1);
          }
        }
      }
    }
    return new LabelledBatch(new TokenBatch(ids, places, packing), labels);
  }

  /** Rows that are not full, found by the space left in them. */
  private static final class OpenRows {
    private final int length;
    private final BitSet spaces = new BitSet();
    private final Map<Integer, Deque<Integer>> rowsBySpace = new HashMap<>();
    private int count;

    OpenRows(int length) {
      this.length = length;
    }

    /** Puts a piece into the row that it leaves the least space in, or into a new one. */
    int put(int size) {
      int space = spaces.nextSetBit(size);
      int row = space < 0 ? count++ : take(space);
      int left = (space < 0 ? length : space) - size;
      if (left > 0) {
        rowsBySpace.computeIfAbsent(left, _ -> new ArrayDeque<>()).add(row);
        spaces.set(left);
      }
      return row;
    }

    int count() {
      return count;
    }

    private int take(int space) {
      Deque<Integer> rows = rowsBySpace.get(space);
      int row = rows.remove();
      if (rows.isEmpty()) spaces.clear(space);
      return row;
    }
  }
}
