package io.gemlab.ops.attention;

import io.gemlab.ops.Scalars;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.Sum;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * What values are weighted by, from the raw scores {@code q k^T}: scale, cap, mask and
 * exponentials, which are divided by their row's total before values are summed or after.
 *
 * <p>With weights w of a row, their gradient dw and the total z that they are still to be divided
 * by (1 where they have been), the scores' gradient is {@code w (dw - sum(w dw) / z)}, times the
 * cap's slope and the scale: the total needs no gradient of its own.
 *
 * <p>Precision: float32 throughout; weights and the raw scores' gradient are cast to the scores'
 * type.
 *
 * @param weights_BKQS [B, K, G * T, S]
 * @param total_BKGT1 what each row of them is still to be divided by, [B, K, G, T, 1]; empty where
 *     nothing
 * @param saved what the gradient reads
 * @param gradient of the raw scores
 */
record ScoreWeights<T extends TFloating>(
    Operand<T> weights_BKQS,
    Optional<Operand<TFloat32>> total_BKGT1,
    List<Operand<?>> saved,
    Gradient<T> gradient) {

  /** The gradient of raw scores. */
  @FunctionalInterface
  interface Gradient<T extends TFloating> {
    /**
     * @param dWeights_BKQS the weights'
     * @param saved what was saved, in its order
     * @return [B, K, G * T, S]
     */
    Operand<T> of(Ops tf, Operand<T> dWeights_BKQS, List<Operand<?>> saved);
  }

  /** What a hidden score becomes: finite, so that a row without any key stays finite too. */
  static final float HIDDEN = -2.3819763e38f;

  /**
   * @param divided whether weights are to sum up to 1, else exponentials of a row's scores less
   *     their largest; a query that sees no key weighs all of them alike
   */
  static <T extends TFloating> ScoreWeights<T> of(
      Ops tf, AttentionSpec spec, AttentionMask mask, Operand<T> raw_BKQS, boolean divided) {
    Class<T> type = raw_BKQS.type();
    long[] flat = raw_BKQS.shape().asArray();
    long[] grouped = {flat[0], spec.kvHeads(), spec.groups(), flat[2] / spec.groups(), flat[3]};
    Operand<TBool> visible_B11TS =
        Heads.reshape(tf, mask.visible(tf, spec.window()), flat[0], 1, 1, grouped[3], flat[3]);
    Operand<TFloat32> scaled_BKQS =
        tf.math.mul(Scalars.toFloat32(tf, raw_BKQS), tf.constant((float) spec.scale()));
    Operand<TFloat32> capped_BKGTS =
        Heads.reshape(tf, spec.softcap().apply(tf, scaled_BKQS), grouped);
    Operand<TFloat32> masked_BKGTS = tf.select(visible_B11TS, capped_BKGTS, tf.constant(HIDDEN));
    Operand<TFloat32> wide_BKGTS =
        divided ? tf.nn.softmax(masked_BKGTS) : exponentials(tf, masked_BKGTS);
    List<Operand<TFloat32>> totals =
        divided ? List.of() : List.of(tf.stopGradient(total(tf, wide_BKGTS)));
    Operand<T> weights_BKQS = Heads.reshape(tf, Scalars.cast(tf, wide_BKGTS, type), flat);

    List<Operand<?>> saved = new ArrayList<>(List.of(visible_B11TS, capped_BKGTS, wide_BKGTS));
    saved.addAll(totals);
    Gradient<T> gradient =
        (back, dWeights_BKQS, inputs) -> {
          Operand<TFloat32> weights = inputs.get(2).asOutput().expect(TFloat32.class);
          Operand<TFloat32> dWide_BKGTS =
              Heads.reshape(back, Scalars.toFloat32(back, dWeights_BKQS), grouped);
          Operand<TFloat32> sum_BKGT1 = total(back, back.math.mul(weights, dWide_BKGTS));
          Operand<TFloat32> mean_BKGT1 =
              divided
                  ? sum_BKGT1
                  : back.math.div(sum_BKGT1, inputs.get(3).asOutput().expect(TFloat32.class));
          Operand<TFloat32> dCapped_BKGTS =
              back.select(
                  inputs.getFirst().asOutput().expect(TBool.class),
                  back.math.mul(weights, back.math.sub(dWide_BKGTS, mean_BKGT1)),
                  back.constant(0f));
          Operand<TFloat32> dScaled_BKGTS =
              spec.softcap()
                  .backward(back, inputs.get(1).asOutput().expect(TFloat32.class), dCapped_BKGTS);
          Operand<TFloat32> dRaw_BKGTS =
              back.math.mul(dScaled_BKGTS, back.constant((float) spec.scale()));
          return Heads.reshape(back, Scalars.cast(back, dRaw_BKGTS, type), flat);
        };
    return new ScoreWeights<>(
        weights_BKQS, totals.stream().findFirst(), List.copyOf(saved), gradient);
  }

  private static Operand<TFloat32> exponentials(Ops tf, Operand<TFloat32> scores) {
    Operand<TFloat32> largest = tf.reduceMax(scores, tf.constant(-1), ReduceMax.keepDims(true));
    return tf.math.exp(tf.math.sub(scores, largest));
  }

  private static Operand<TFloat32> total(Ops tf, Operand<TFloat32> x) {
    return tf.sum(x, tf.constant(-1), Sum.keepDims(true));
  }
}
