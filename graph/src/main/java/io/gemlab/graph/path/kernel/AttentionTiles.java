package io.gemlab.graph.path.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An attention cut into tiles: some queries of a row of the batch, and the keys among which all lie
 * that they see.
 */
final class AttentionTiles {
  /** Queries in a tile: enough for a product's rate, and few beyond the diagonal. */
  private static final int QUERIES = 64;

  /** Keys of a tile begin and end at multiples of this, so that few shapes occur. */
  private static final int KEYS = 64;

  private final AttentionInputs inputs;
  private final ScoreRow.Rule rule;
  private final int[][] queryPositions;
  private final int[][] keyPositions;

  AttentionTiles(AttentionInputs inputs) {
    this.inputs = inputs;
    rule = ScoreRow.Rule.of(inputs.numbers());
    queryPositions = rows(inputs.queryPositions());
    keyPositions = rows(inputs.keyPositions());
  }

  private static int[][] rows(KernelCall.Input positions) {
    int[][] rows = new int[positions.dimension(0)][positions.dimension(1)];
    for (int b = 0; b < rows.length; b++) {
      for (int i = 0; i < rows[b].length; i++) {
        long at = (long) b * rows[b].length + i;
        rows[b][i] = positions.data().getAtIndex(JAVA_INT_UNALIGNED, at);
      }
    }
    return rows;
  }

  /**
   * @param row b
   * @param first the first query
   * @param queries how many
   * @param from the first key
   * @param places where the keys stand, and -1 up to a whole vector
   * @param keys how many; 0 where no query sees any
   */
  record Tile(int row, int first, int queries, int from, int[] places, int keys) {
    /** How many scores it has. */
    int scores() {
      return queries * keys;
    }
  }

  /** The tiles of a row of the batch, those of its last queries first: they have the most keys. */
  List<Tile> of(int row) {
    int queries = inputs.q().dimension(1);
    List<Tile> tiles = new ArrayList<>();
    for (int first = 0; first < queries; first += QUERIES) {
      tiles.addFirst(tile(row, first, Math.min(QUERIES, queries - first)));
    }
    return tiles;
  }

  private Tile tile(int row, int first, int queries) {
    int oldest = Integer.MAX_VALUE;
    int last = -1;
    for (int t = first; t < first + queries; t++) {
      int position = queryPositions[row][t];
      if (position < 0) continue;
      oldest = Math.min(oldest, Math.max(0, position - rule.window() + 1));
      last = Math.max(last, position);
    }
    int[] all = keyPositions[row];
    int from = 0;
    int to = all.length;
    while (from < to && (all[from] < oldest || all[from] > last)) from++;
    while (to > from && (all[to - 1] < oldest || all[to - 1] > last)) to--;
    if (from == to) return new Tile(row, first, queries, 0, new int[0], 0);
    from -= from % KEYS;
    to = Math.min(all.length, Math.ceilDiv(to, KEYS) * KEYS);
    int keys = to - from;
    int[] places =
        Arrays.copyOfRange(all, from, from + Math.ceilDiv(keys, Lanes.COUNT) * Lanes.COUNT);
    Arrays.fill(places, keys, places.length, -1);
    return new Tile(row, first, queries, from, places, keys);
  }

  /** What is done with a query's row of scores, once they are weighed. */
  @FunctionalInterface
  interface Work {
    void on(ScoreRow row);
  }

  /**
   * Goes through a tile's rows.
   *
   * @param scores the tile's, row by row
   */
  void weigh(Tile tile, Floats scores, Work work) {
    ScoreRow row = new ScoreRow(rule, scores, tile.keys());
    for (int t = 0; t < tile.queries(); t++) {
      row.begin(
          (long) t * tile.keys(), tile.places(), queryPositions[tile.row()][tile.first() + t]);
      row.weigh();
      work.on(row);
    }
  }

  /** Where a tile's queries begin for a head, in q and what lies as it does: elements. */
  long query(Tile tile, int head) {
    KernelCall.Input q = inputs.q();
    long at = ((long) tile.row() * q.dimension(1) + tile.first()) * q.dimension(2) + head;
    return at * q.dimension(3);
  }

  /** Elements from one of a tile's queries to the next. */
  int toNextQuery() {
    return inputs.q().dimension(2) * inputs.q().dimension(3);
  }

  /** Where a tile's keys begin for a key-value head, in k and what lies as it does: elements. */
  long key(Tile tile, int kvHead) {
    KernelCall.Input k = inputs.k();
    long at = ((long) tile.row() * k.dimension(1) + kvHead) * k.dimension(2) + tile.from();
    return at * k.dimension(3);
  }

  /** A tile's queries, or what lies as they do, by its keys or values: its scores. */
  DnnlProduct.Shape byKeys(Tile tile) {
    int headDim = inputs.q().dimension(3);
    return DnnlProduct.Shape.of(
        DnnlFormat.of(inputs.q().type()),
        new DnnlProduct.Size(tile.queries(), headDim, tile.keys()),
        DnnlProduct.Side.rows(toNextQuery()),
        DnnlProduct.Side.rows(headDim),
        tile.keys());
  }

  /** A number for each of a tile's scores by its keys or values, summed: as its queries lie. */
  DnnlProduct.Shape overKeys(Tile tile) {
    int headDim = inputs.q().dimension(3);
    return DnnlProduct.Shape.of(
        DnnlFormat.of(inputs.q().type()),
        new DnnlProduct.Size(tile.queries(), tile.keys(), headDim),
        DnnlProduct.Side.rows(tile.keys()),
        DnnlProduct.Side.columns(headDim),
        toNextQuery());
  }

  /** Sets a tile's queries of a head to 0 in what lies as q does. */
  void zero(Tile tile, int head, Floats like) {
    long query = query(tile, head);
    for (int t = 0; t < tile.queries(); t++) {
      like.zero(query + (long) t * toNextQuery(), inputs.q().dimension(3));
    }
  }

  /** Query heads of a key-value head. */
  int groups() {
    return inputs.q().dimension(2) / inputs.k().dimension(1);
  }
}
