package io.gemlab.ops.attention;

import io.gemlab.ops.RowKernel;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.gradient.CustomGradient;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.Sum;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * What values are weighted by, from the raw scores {@code q k^T}: scale, cap, mask and
 * exponentials, which are divided by their row's total before values are summed or after.
 *
 * <p>With weights w of a row, their gradient dw and the total z that they are still to be divided
 * by (1 where they have been), the scores' gradient is {@code w (dw - sum(w dw) / z)}, times the
 * cap's slope and the scale: the total needs no gradient of its own.
 *
 * <p>Weights and their gradient are marked for {@link RowKernel#SCORE_WEIGHTS} and {@link
 * RowKernel#SCORE_GRADIENT} where rows are long, except in rows of branches.
 *
 * <p>Precision: float32 throughout; weights and the raw scores' gradient are cast to the scores'
 * type.
 *
 * @param weights_BKQS [B, K, G * T, S]
 * @param total_BKGT1 what each row of them is still to be divided by, [B, K, G, T, 1]; null where
 *     nothing
 */
record ScoreWeights<T extends TFloating>(Operand<T> weights_BKQS, Operand<TFloat32> total_BKGT1) {
  /**
   * Rows of fewer keys are no place for a kernel: what it does once a row is then more than what it
   * saves over XLA's programs (docs/results/training-step.md).
   */
  static final int FEWEST_KEYS = 256;

  /** What a hidden score becomes: finite, so that a row without any key stays finite too. */
  static final float HIDDEN = -2.3819763e38f;

  /** Weights that sum up to 1. A query that sees no key weighs all of them alike. */
  static <T extends TFloating> Operand<T> softmax(
      Ops tf, AttentionSpec spec, AttentionMask mask, Operand<T> raw_BKQS) {
    return of(tf, spec, mask, raw_BKQS, true).weights_BKQS();
  }

  /** Exponentials, of a row's scores less their largest, and their total. */
  static <T extends TFloating> ScoreWeights<T> exponentials(
      Ops tf, AttentionSpec spec, AttentionMask mask, Operand<T> raw_BKQS) {
    return of(tf, spec, mask, raw_BKQS, false);
  }

  private static <T extends TFloating> ScoreWeights<T> of(
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

    boolean one = grouped[3] == 1; // query a row: WholeAttention marks all of its attention
    boolean fits = type == TFloat32.class || type == TBfloat16.class && !one;
    Rows rows =
        new Rows(spec, mask, divided, fits && flat[3] >= FEWEST_KEYS && mask.ends_BS().isEmpty());
    List<Operand<?>> marked = new ArrayList<>(List.of(weights_BKQS));
    marked.addAll(totals);
    rows.mark(tf, RowKernel.SCORE_WEIGHTS, marked, raw_BKQS, List.of());

    List<Operand<?>> saved = new ArrayList<>(List.of(visible_B11TS, capped_BKGTS, wide_BKGTS));
    saved.addAll(totals);
    Operand<T> withGradient =
        CustomGradient.attach(
            tf,
            weights_BKQS,
            new CustomGradient.Inputs(List.of(raw_BKQS), saved),
            (back, dy, inputs) -> {
              Operand<T> dWeights_BKQS = dy.asOutput().expect(type);
              Operand<T> raw = inputs.getFirst().asOutput().expect(type);
              Operand<TFloat32> weights = inputs.get(3).asOutput().expect(TFloat32.class);
              Operand<TFloat32> dWide_BKGTS =
                  Heads.reshape(back, Scalars.toFloat32(back, dWeights_BKQS), grouped);
              Operand<TFloat32> sum_BKGT1 = total(back, back.math.mul(weights, dWide_BKGTS));
              Operand<TFloat32> mean_BKGT1 =
                  divided
                      ? sum_BKGT1
                      : back.math.div(sum_BKGT1, inputs.get(4).asOutput().expect(TFloat32.class));
              Operand<TFloat32> dCapped_BKGTS =
                  back.select(
                      inputs.get(1).asOutput().expect(TBool.class),
                      back.math.mul(weights, back.math.sub(dWide_BKGTS, mean_BKGT1)),
                      back.constant(0f));
              Operand<TFloat32> dScaled_BKGTS =
                  spec.softcap()
                      .backward(
                          back, inputs.get(2).asOutput().expect(TFloat32.class), dCapped_BKGTS);
              Operand<TFloat32> dRaw_BKGTS =
                  back.math.mul(dScaled_BKGTS, back.constant((float) spec.scale()));
              Operand<T> dRaw_BKQS =
                  Heads.reshape(back, Scalars.cast(back, dRaw_BKGTS, type), flat);
              rows.mark(
                  back, RowKernel.SCORE_GRADIENT, List.of(dRaw_BKQS), raw, List.of(dWeights_BKQS));
              return List.of(dRaw_BKQS);
            });
    return new ScoreWeights<>(withGradient, divided ? null : totals.getFirst());
  }

  private static Operand<TFloat32> exponentials(Ops tf, Operand<TFloat32> scores) {
    Operand<TFloat32> largest = tf.reduceMax(scores, tf.constant(-1), ReduceMax.keepDims(true));
    return tf.math.exp(tf.math.sub(scores, largest));
  }

  private static Operand<TFloat32> total(Ops tf, Operand<TFloat32> x) {
    return tf.sum(x, tf.constant(-1), Sum.keepDims(true));
  }

  /**
   * What kernels of scores are told of them, beside tensors: scale, cap and window, infinite where
   * there is none, and whether a row's weights sum up to 1, as 1 or 0.
   */
  static float[] numbers(AttentionSpec spec, AttentionMask mask, boolean divided) {
    OptionalInt window = mask.within(spec.window());
    return new float[] {
      (float) spec.scale(),
      (float) spec.softcap().cap().orElse(Double.POSITIVE_INFINITY),
      window.isPresent() ? window.getAsInt() : Float.POSITIVE_INFINITY,
      divided ? 1 : 0
    };
  }

  /** What the kernels are told besides tensors of scores. */
  private record Rows(AttentionSpec spec, AttentionMask mask, boolean divided, boolean places) {
    void mark(
        Ops tf,
        RowKernel kernel,
        List<? extends Operand<?>> values,
        Operand<?> raw_BKQS,
        List<? extends Operand<?>> others) {
      if (!places) return;
      Operand<TInt32> queries_BT = mask.queryPositions_BT();
      Operand<TInt32> keys_BS = mask.keyPositions_BS();
      List<Operand<?>> operands = new ArrayList<>(List.of(raw_BKQS));
      operands.addAll(others);
      operands.addAll(List.of(queries_BT, keys_BS, tf.constant(numbers(spec, mask, divided))));
      kernel.mark(tf, values, operands);
    }
  }
}
