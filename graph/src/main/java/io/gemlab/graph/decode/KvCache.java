package io.gemlab.graph.decode;

import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.KeyValues;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.attention.AttentionMask;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * A cache in a trace: keys and values of the rows at hand are written to it, and those of earlier
 * calls found in it. It is state of the function, so it never leaves the runtime.
 *
 * <p>Position p of a row lies in slot p mod S. So which position a slot holds follows from the last
 * position written alone: {@code last - (last - slot) mod S}, below 0 where nothing was written
 * yet. No mask and no length is kept, and a cache used before needs no clearing.
 *
 * <p>Rows must end together: tokens stand at the right, padding before them. What padding writes
 * lands in slots that hold nothing by that rule.
 *
 * <p>A ring of exactly the window is too short for several new tokens at once: the first of them
 * still sees what the last overwrites. There the layer attends to the ring as it was and to the new
 * tokens beside it, and writes afterwards. Of more new tokens than the ring has slots it keeps the
 * last.
 */
final class KvCache implements KeyValues {
  private final Trace trace;
  private final CacheLayout layout;
  private final Operand<TInt32> positions_BT;
  private final int rows;
  private final int length;
  private final Ops tf;
  private final Operand<TInt32> last_B1;
  private final Map<Integer, Ring> rings = new HashMap<>();

  /**
   * @param positions_BT where the tokens at hand stand, [B, T], of the cache's first B rows, T at
   *     most its capacity; below 0 for padding, which is at the left
   */
  KvCache(Trace trace, CacheLayout layout, Operand<TInt32> positions_BT) {
    this.trace = trace;
    this.layout = layout;
    this.positions_BT = positions_BT;
    this.rows = Math.toIntExact(positions_BT.shape().get(0));
    this.length = Math.toIntExact(positions_BT.shape().get(1));
    this.tf = trace.ops().withSubScope("cache");
    this.last_B1 =
        tf.slice(
            positions_BT, tf.constant(new int[] {0, length - 1}), tf.constant(new int[] {rows, 1}));
  }

  @Override
  public <T extends TFloating> Found<T> find(
      Ops here, int layer, Operand<T> k_BTKH, Operand<T> v_BTKH) {
    Ring ring = rings.computeIfAbsent(layout.slots(layer), this::ring);
    Operand<T> keys = write(here, ring, layout.spec(layer, CacheLayout.Part.KEYS), k_BTKH);
    Operand<T> values = write(here, ring, layout.spec(layer, CacheLayout.Part.VALUES), v_BTKH);
    return new Found<>(keys, values, ring.mask());
  }

  /**
   * What layers that keep the same number of positions share.
   *
   * @param places where the heads of the new tokens that it keeps are written, as rows of H in the
   *     cache's memory, [B * T * K, 1]
   * @param kept how many those are of each row, its last
   * @param concatNewTokens whether the new tokens are attended to beside the ring and not in it
   */
  private record Ring(
      Operand<TInt32> places, int kept, boolean concatNewTokens, AttentionMask mask) {}

  private Ring ring(int slots) {
    boolean overwritten = slots < layout.capacity();
    boolean concatNewTokens = overwritten && slots < layout.config().slidingWindow() + length - 1;
    Operand<TInt32> keyPositions_BS =
        concatNewTokens
            ? tf.concat(
                List.of(held(slots, tf.math.sub(last_B1, tf.constant(length))), positions_BT),
                tf.constant(1))
            : held(slots, last_B1);
    int kept = Math.min(length, slots);
    return new Ring(
        places(slots, kept),
        kept,
        concatNewTokens,
        new AttentionMask(positions_BT, keyPositions_BS));
  }

  /** Writes new keys or values, and returns what to attend to. */
  private <T extends TFloating> Operand<T> write(
      Ops here, Ring ring, TensorSpec spec, Operand<T> x_BTKH) {
    Operand<T> before_BKSH = trace.state(spec.name(), StateRole.CACHE, x_BTKH.type(), spec.shape());
    Operand<TInt32> heads = here.constant(new int[] {-1, layout.config().headDim()});
    Operand<T> after_BKSH =
        here.reshape(
            here.tensorScatterNdUpdate(
                here.reshape(before_BKSH, heads),
                ring.places(),
                here.reshape(last(here, ring.kept(), x_BTKH), heads)),
            here.constant(spec.shape().toArray()));
    trace.update(spec.name(), after_BKSH);
    if (!ring.concatNewTokens()) return swapHeads(here, firstRows(here, after_BKSH));
    return swapHeads(
        here,
        here.concat(
            List.of(firstRows(here, before_BKSH), swapHeads(here, x_BTKH)), here.constant(2)));
  }

  /** The last tokens of each row. */
  private <T extends TFloating> Operand<T> last(Ops tf, int count, Operand<T> x_BTKH) {
    if (count == length) return x_BTKH;
    long[] extent = x_BTKH.shape().asArray();
    extent[1] = count;
    return tf.slice(x_BTKH, tf.constant(new long[] {0, length - count, 0, 0}), tf.constant(extent));
  }

  /** Of all rows those at hand; TensorFlow takes the first ones without a copy. */
  private <T extends TFloating> Operand<T> firstRows(Ops tf, Operand<T> x_BKSH) {
    if (rows == layout.rows()) return x_BKSH;
    long[] extent = x_BKSH.shape().asArray();
    extent[0] = rows;
    return tf.slice(x_BKSH, tf.constant(new long[4]), tf.constant(extent));
  }

  private Operand<TInt32> places(int slots, int kept) {
    int heads = layout.config().numKeyValueHeads();
    int[] behind = IntStream.range(0, kept).map(t -> t - (kept - 1)).toArray();
    int[] firsts = IntStream.range(0, rows * heads).map(i -> i * slots).toArray();
    Operand<TInt32> slots_BT1 =
        tf.expandDims(
            tf.math.floorMod(tf.math.add(last_B1, tf.constant(behind)), tf.constant(slots)),
            tf.constant(2));
    Operand<TInt32> firsts_B1K =
        tf.reshape(tf.constant(firsts), tf.constant(new int[] {rows, 1, heads}));
    return tf.reshape(tf.math.add(firsts_B1K, slots_BT1), tf.constant(new int[] {-1, 1}));
  }

  /**
   * [B, K, S, H] to [B, S, K, H], or the reverse. The attention turns what it is given back, and
   * optimizers drop the pair: keys are stored as its products want them, or each call would copy
   * the cache.
   */
  private static <T extends TFloating> Operand<T> swapHeads(Ops tf, Operand<T> x) {
    return tf.linalg.transpose(x, tf.constant(new int[] {0, 2, 1, 3}));
  }

  /** The position that each slot holds where {@code last_B1} was written last: [B, S]. */
  private Operand<TInt32> held(int slots, Operand<TInt32> last_B1) {
    Operand<TInt32> slots_S = tf.constant(IntStream.range(0, slots).toArray());
    return tf.math.sub(
        last_B1, tf.math.floorMod(tf.math.sub(last_B1, slots_S), tf.constant(slots)));
  }
}
