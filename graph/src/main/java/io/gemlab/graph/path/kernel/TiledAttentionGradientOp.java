package io.gemlab.graph.path.kernel;

import io.gemlab.graph.path.kernel.AttentionTiles.Tile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The op of {@link TiledAttentionOp}'s gradient: weights are computed again tile by tile, so that
 * nothing of a whole row's size is kept or written. A thread takes a key-value head with its
 * queries, whose tiles add to the gradients of keys and values in one order. A query that sees no
 * key gives no gradient.
 *
 * <p>Precision: scores, weights and their gradients are rounded to the operands' type, between the
 * products everything is float32; so are the gradients of keys and values until all tiles have been
 * added.
 *
 * @see <a href="https://arxiv.org/abs/2307.08691">FlashAttention-2, algorithm 2</a>
 */
final class TiledAttentionGradientOp {
  private static final String TYPE = Kernels.PREFIX + "TiledAttentionGradient";

  // Of a thread.
  private static final ThreadLocal<Scratch> SCORES = ThreadLocal.withInitial(Scratch::new);
  private static final ThreadLocal<Scratch> WEIGHTS = ThreadLocal.withInitial(Scratch::new);
  private static final ThreadLocal<Scratch> KEYS = ThreadLocal.withInitial(Scratch::new);
  private static final ThreadLocal<Scratch> VALUES = ThreadLocal.withInitial(Scratch::new);

  static {
    List<String> declared = new ArrayList<>(AttentionInputs.DECLARED);
    declared.add("d_y: T");
    new KernelOp(
            TYPE,
            "T: {float, bfloat16}",
            declared,
            List.of("d_q: T", "d_k: T", "d_v: T"),
            KernelOp.OutputShape.OF_FIRST_THREE,
            call -> new TiledAttentionGradientOp(call).compute())
        .register();
  }

  private final KernelCall.Input q;
  private final KernelCall.Input k;
  private final KernelCall.Input v;
  private final KernelCall.Input dY;
  private final AttentionTiles tiles;
  private final Floats dQ;
  private final Floats dK;
  private final Floats dV;
  private final DnnlFormat format;
  private final int headDim;

  /** The op's name in graphs. */
  static String type() {
    return TYPE;
  }

  private TiledAttentionGradientOp(KernelCall call) throws Throwable {
    AttentionInputs inputs = AttentionInputs.of(call);
    q = inputs.q();
    k = inputs.k();
    v = inputs.v();
    inputs.require(TYPE, q.shape()[1]);
    dY = call.input(AttentionInputs.DECLARED.size(), q.shape().length);
    if (!Arrays.equals(dY.shape(), q.shape())) {
      throw new IllegalArgumentException(
          "%s: q is %s and the gradient of what it attends to %s"
              .formatted(TYPE, Arrays.toString(q.shape()), Arrays.toString(dY.shape())));
    }
    tiles = new AttentionTiles(inputs);
    boolean wide = q.floats().wide();
    dQ = new Floats(call.outputAt(0, q.type(), q.shape()), wide);
    dK = new Floats(call.outputAt(1, q.type(), k.shape()), wide);
    dV = new Floats(call.outputAt(2, q.type(), v.shape()), wide);
    format = DnnlFormat.of(q.type());
    headDim = q.dimension(3);
  }

  private void compute() {
    int kvHeads = k.dimension(1);
    List<List<Tile>> rows = new ArrayList<>();
    for (int b = 0; b < q.dimension(0); b++) rows.add(tiles.of(b));
    Workers.SHARED.share(
        rows.size() * kvHeads,
        1,
        (from, to) -> {
          for (int i = from; i < to; i++) compute(rows.get(i / kvHeads), i % kvHeads, i);
        });
  }

  /**
   * @param number of the key-value head in the batch
   */
  private void compute(List<Tile> ofRow, int kvHead, int number) {
    long elements = (long) k.dimension(2) * headDim;
    Floats sumK = zeros(KEYS.get(), elements);
    Floats sumV = zeros(VALUES.get(), elements);
    int groups = tiles.groups();
    for (int head = kvHead * groups; head < (kvHead + 1) * groups; head++) {
      for (Tile tile : ofRow) add(tile, head, sumK, sumV);
    }
    round(sumK, dK, number * elements, elements);
    round(sumV, dV, number * elements, elements);
  }

  private static Floats zeros(Scratch scratch, long elements) {
    Floats zeros = new Floats(scratch.of(elements * Float.BYTES), true);
    zeros.zero(0, elements);
    return zeros;
  }

  private static void round(Floats from, Floats to, long at, long count) {
    long i = 0;
    for (; i + Lanes.COUNT <= count; i += Lanes.COUNT) to.store(from.load(i), at + i);
    for (; i < count; i++) to.set(at + i, from.get(i));
  }

  private void add(Tile tile, int head, Floats sumK, Floats sumV) {
    if (tile.keys() == 0) {
      tiles.zero(tile, head, dQ);
      return;
    }
    long query = tiles.query(tile, head);
    long key = tiles.key(tile, head / tiles.groups());
    long bytes = (long) tile.scores() * format.bytes();
    Floats scores = new Floats(SCORES.get().of(bytes), dQ.wide());
    Floats weights = new Floats(WEIGHTS.get().of(bytes), dQ.wide());
    MemorySegment queriesData = q.floats().from(query);
    MemorySegment dYData = dY.floats().from(query);

    DnnlProduct.Shape ofScores = tiles.byKeys(tile);
    DnnlProduct.run(ofScores, queriesData, k.floats().from(key), scores.data());
    DnnlProduct.run(ofScores, dYData, v.floats().from(key), weights.data());
    tiles.weigh(
        tile,
        scores,
        row -> {
          row.putGradient(weights, scores);
          row.putWeightsOfSeen(weights);
        });
    DnnlProduct.run(tiles.overKeys(tile), scores.data(), k.floats().from(key), dQ.from(query));
    DnnlProduct.Shape toKeys =
        DnnlProduct.Shape.added(
            format,
            new DnnlProduct.Size(tile.keys(), tile.queries(), headDim),
            DnnlProduct.Side.columns(tile.keys()),
            DnnlProduct.Side.columns(tiles.toNextQuery()),
            headDim);
    long first = (long) tile.from() * headDim;
    DnnlProduct.run(toKeys, scores.data(), queriesData, sumK.from(first));
    DnnlProduct.run(toKeys, weights.data(), dYData, sumV.from(first));
  }
}
