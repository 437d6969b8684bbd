package io.gemlab.graph.path.kernel;

import io.gemlab.graph.path.kernel.AttentionTiles.Tile;
import java.util.ArrayList;
import java.util.Comparator;
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
  private static final ThreadLocal<Scratch> SCORES = ThreadLocal.withInitial(Scratch::new);

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
  private final AttentionTiles tiles;
  private final Floats y;
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
    tiles = new AttentionTiles(inputs);
    y = new Floats(call.output(q.type(), q.shape()), q.floats().wide());
    format = DnnlFormat.of(q.type());
  }

  private void attend() {
    List<Tile> all = new ArrayList<>();
    for (int b = 0; b < q.dimension(0); b++) all.addAll(tiles.of(b));
    // Those with the most keys first, so that threads finish together.
    all.sort(Comparator.comparing(tile -> -tile.first()));
    int heads = q.dimension(2);
    Workers.SHARED.share(
        all.size() * heads,
        1,
        (from, to) -> {
          for (int i = from; i < to; i++) attend(all.get(i / heads), i % heads);
        });
  }

  private void attend(Tile tile, int head) {
    if (tile.keys() == 0) {
      tiles.zero(tile, head, y);
      return;
    }
    long query = tiles.query(tile, head);
    long key = tiles.key(tile, head / tiles.groups());
    Floats scores = new Floats(SCORES.get().of((long) tile.scores() * format.bytes()), y.wide());
    DnnlProduct.run(
        tiles.byKeys(tile), q.floats().from(query), k.floats().from(key), scores.data());
    tiles.weigh(tile, scores, row -> row.putWeights(scores));
    DnnlProduct.run(tiles.overKeys(tile), scores.data(), v.floats().from(key), y.from(query));
  }
}
