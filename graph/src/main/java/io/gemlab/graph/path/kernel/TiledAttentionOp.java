package io.gemlab.graph.path.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The op of attention of many queries: some queries of a head at a time and only the keys among
 * which all lie that they see, so that scores stay in the cache between the two products and
 * nothing is multiplied that is empty or in the future. Threads share these tiles; oneDNN
 * multiplies. Tiles of queries that see no key are 0.
 *
 * <p>Precision: scores, weights and values are rounded to the operands' type; between the products
 * everything is float32.
 */
final class TiledAttentionOp {
  private static final String TYPE = Kernels.PREFIX + "TiledAttention";

  /** Queries in a tile: enough for a product's rate, and few beyond the diagonal. */
  private static final int QUERIES = 64;

  /** Keys of a tile begin and end at multiples of this, so that few shapes occur. */
  private static final int KEYS = 64;

  private static final ThreadLocal<Scores> SCORES = ThreadLocal.withInitial(Scores::new);

  static {
    new KernelOp(
            TYPE,
            "T: {float, bfloat16}",
            AttentionInputs.DECLARED,
            KernelOp.ONE_OUTPUT,
            KernelOp.OutputShape.OF_FIRST,
            call -> new TiledAttentionOp(call).attend())
        .register();
  }

  private final KernelCall.Input q;
  private final KernelCall.Input k;
  private final KernelCall.Input v;
  private final ScoreRow.Rule rule;
  private final int[][] queryPositions;
  private final int[][] keyPositions;
  private final MemorySegment y;
  private final DnnlFormat format;

  /** The op's name in graphs. */
  static String type() {
    return TYPE;
  }

  private TiledAttentionOp(KernelCall call) throws Throwable {
    AttentionInputs inputs = AttentionInputs.of(call);
    q = inputs.q();
    k = inputs.k();
    v = inputs.v();
    inputs.require(TYPE, q.shape()[1]);
    rule = ScoreRow.Rule.of(inputs.numbers());
    queryPositions = rows(inputs.queryPositions());
    keyPositions = rows(inputs.keyPositions());
    y = call.output(q.type(), q.shape());
    format = DnnlFormat.of(q.type());
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
   * Queries of a row of the batch, and the keys among which all lie that they see.
   *
   * @param row b
   * @param first the first query
   * @param queries how many
   * @param from the first key
   * @param keys where they stand; empty where no query sees any
   */
  private record Tile(int row, int first, int queries, int from, int[] keys) {}

  private void attend() {
    List<Tile> tiles = new ArrayList<>();
    for (int first = 0; first < q.dimension(1); first += QUERIES) {
      for (int b = 0; b < queryPositions.length; b++) tiles.add(tile(b, first));
    }
    int heads = q.dimension(2);
    // Those with the most keys first, so that threads finish together.
    List<Tile> longestFirst = tiles.reversed();
    Workers.SHARED.share(
        tiles.size() * heads,
        1,
        (from, to) -> {
          Scores scores = SCORES.get();
          for (int i = from; i < to; i++) attend(longestFirst.get(i / heads), i % heads, scores);
        });
  }

  private Tile tile(int b, int first) {
    int queries = Math.min(QUERIES, q.dimension(1) - first);
    int oldest = Integer.MAX_VALUE;
    int last = -1;
    for (int t = first; t < first + queries; t++) {
      int position = queryPositions[b][t];
      if (position < 0) continue;
      oldest = Math.min(oldest, Math.max(0, position - rule.window() + 1));
      last = Math.max(last, position);
    }
    int[] all = keyPositions[b];
    int from = 0;
    int to = all.length;
    while (from < to && (all[from] < oldest || all[from] > last)) from++;
    while (to > from && (all[to - 1] < oldest || all[to - 1] > last)) to--;
    if (from == to) return new Tile(b, first, queries, 0, new int[0]);
    from -= from % KEYS;
    to = Math.min(all.length, Math.ceilDiv(to, KEYS) * KEYS);
    return new Tile(b, first, queries, from, Arrays.copyOfRange(all, from, to));
  }

  private void attend(Tile tile, int head, Scores scores) {
    int heads = q.dimension(2);
    int headDim = q.dimension(3);
    int kvHeads = k.dimension(1);
    int length = k.dimension(2);
    int keys = tile.keys().length;
    int queries = tile.queries();
    long at = (((long) tile.row() * q.dimension(1) + tile.first()) * heads + head) * headDim;
    if (keys == 0) {
      Floats zeros = new Floats(y, q.floats().wide());
      for (int t = 0; t < queries; t++) zeros.zero(at + (long) t * heads * headDim, headDim);
      return;
    }
    int kvHead = tile.row() * kvHeads + head / (heads / kvHeads);
    long keysAt = ((long) kvHead * length + tile.from()) * headDim;
    MemorySegment weights = scores.of((long) queries * keys * format.bytes());
    DnnlProduct.run(
        new DnnlProduct.Shape(
            format, queries, headDim, keys, DnnlProduct.Layout.ROWS, heads * headDim, keys),
        at(q.data(), at),
        at(k.data(), keysAt),
        weights);
    weigh(tile, new Floats(weights, q.floats().wide()));
    DnnlProduct.run(
        new DnnlProduct.Shape(
            format, queries, keys, headDim, DnnlProduct.Layout.COLUMNS, keys, heads * headDim),
        weights,
        at(v.data(), keysAt),
        at(y, at));
  }

  private MemorySegment at(MemorySegment data, long element) {
    return data.asSlice(element * format.bytes());
  }

  /** Writes weights where scores are. */
  private void weigh(Tile tile, Floats scores) {
    int keys = tile.keys().length;
    int[] places = Arrays.copyOf(tile.keys(), Math.ceilDiv(keys, Lanes.COUNT) * Lanes.COUNT);
    Arrays.fill(places, keys, places.length, -1);
    ScoreRow row = new ScoreRow(rule, scores, keys);
    for (int t = 0; t < tile.queries(); t++) {
      row.begin((long) t * keys, places, queryPositions[tile.row()][tile.first() + t]);
      row.weigh();
      row.putWeights(scores);
    }
  }

  /** A thread's memory for a tile's scores, which grows and stays. */
  private static final class Scores {
    private MemorySegment data = MemorySegment.NULL;

    MemorySegment of(long bytes) {
      if (data.byteSize() < bytes) data = Arena.ofAuto().allocate(bytes, Long.SIZE);
      return data;
    }
  }
}
