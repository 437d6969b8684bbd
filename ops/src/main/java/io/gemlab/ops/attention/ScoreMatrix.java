package io.gemlab.ops.attention;

import io.gemlab.ops.Kernel;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.gradient.CustomGradient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Attention by a whole matrix of scores, and its gradient: memory grows with T * S.
 *
 * <p>It marks the places of kernels that may compute it as a whole: {@link Kernel#ATTENTION} where
 * there is one query a row in bfloat16, {@link Kernel#TILED_ATTENTION} and {@link
 * Kernel#TILED_ATTENTION_GRADIENT} where rows are long; none in rows of branches.
 *
 * <p>Precision: products in the operands' type, everything between in float32.
 */
final class ScoreMatrix {
  /** What is divided by the total of a row's exponentials. */
  enum Division {
    /** Weights, before values are summed. */
    OF_WEIGHTS,
    /** The sum of values. */
    OF_VALUES
  }

  /**
   * Rows of fewer keys are no place for a kernel: what it does once a row is then more than what it
   * saves over XLA's programs (docs/results/training-step.md).
   */
  private static final int FEWEST_KEYS = 256;

  private ScoreMatrix() {}

  /** What {@link Attention#attend} gives. */
  static <T extends TFloating> Operand<T> attend(
      Ops tf,
      AttentionSpec spec,
      AttentionMask mask,
      Division division,
      Operand<T> q_BTNH,
      Operand<T> k_BSKH,
      Operand<T> v_BSKH) {
    Class<T> type = q_BTNH.type();
    long batch = q_BTNH.shape().get(0);
    long length = q_BTNH.shape().get(1);
    Operand<T> q_BKQH = Heads.groupQueries(tf, q_BTNH, spec);
    Operand<T> k_BKSH = Heads.keysFirst(tf, k_BSKH);
    Operand<T> v_BKSH = Heads.keysFirst(tf, v_BSKH);
    ScoreWeights<T> weights =
        ScoreWeights.of(
            tf,
            spec,
            mask,
            Heads.productTransposed(tf, type, q_BKQH, k_BKSH),
            division == Division.OF_WEIGHTS);
    Operand<T> summed_BTNH =
        Heads.ungroupQueries(
            tf, Heads.product(tf, type, weights.weights_BKQS(), v_BKSH), spec, batch, length);
    Optional<Operand<TFloat32>> total_BTN1 =
        weights.total_BKGT1().map(total -> rows(tf, spec, total, batch, length));
    Operand<T> attended_BTNH =
        total_BTN1.map(total -> divided(tf, type, summed_BTNH, total)).orElse(summed_BTNH);

    Optional<Kernel> kernel = kernel(mask, type, length, k_BSKH.shape().get(1));
    Operands<T> operands = new Operands<>(spec, mask, q_BTNH, k_BKSH, v_BKSH);
    kernel.ifPresent(one -> one.mark(tf, List.of(attended_BTNH), operands.of(tf)));

    List<Operand<?>> saved = new ArrayList<>(List.of(q_BKQH, weights.weights_BKQS()));
    total_BTN1.ifPresent(saved::add);
    int ofWeights = 3 + saved.size();
    saved.addAll(weights.saved());
    return CustomGradient.attach(
        tf,
        attended_BTNH,
        new CustomGradient.Inputs(List.of(q_BTNH, k_BKSH, v_BKSH), saved),
        (back, dy, inputs) -> {
          Operand<T> dAttended_BTNH = dy.asOutput().expect(type);
          Operands<T> again =
              new Operands<>(
                  spec,
                  mask,
                  typed(inputs, 0, type),
                  typed(inputs, 1, type),
                  typed(inputs, 2, type));
          Operand<T> weights_BKQS = typed(inputs, 4, type);
          Operand<T> dSummed_BTNH =
              division == Division.OF_WEIGHTS
                  ? dAttended_BTNH
                  : divided(back, type, dAttended_BTNH, typed(inputs, 5, TFloat32.class));
          Operand<T> dSummed_BKQH = Heads.groupQueries(back, dSummed_BTNH, spec, batch, length);
          Operand<T> dWeights_BKQS =
              Heads.productTransposed(back, type, dSummed_BKQH, again.v_BKSH());
          Operand<T> dRaw_BKQS =
              weights.gradient().of(back, dWeights_BKQS, inputs.subList(ofWeights, inputs.size()));
          Operand<T> dQ_BTNH =
              Heads.ungroupQueries(
                  back, Heads.product(back, type, dRaw_BKQS, again.k_BKSH()), spec, batch, length);
          Operand<T> dK_BKSH =
              Heads.transposedProduct(back, type, dRaw_BKQS, typed(inputs, 3, type));
          Operand<T> dV_BKSH = Heads.transposedProduct(back, type, weights_BKQS, dSummed_BKQH);
          List<Operand<?>> gradients = List.of(dQ_BTNH, dK_BKSH, dV_BKSH);
          if (kernel.equals(Optional.of(Kernel.TILED_ATTENTION))) {
            List<Operand<?>> all = again.of(back);
            all.add(dAttended_BTNH);
            Kernel.TILED_ATTENTION_GRADIENT.mark(back, gradients, all);
          }
          return gradients;
        });
  }

  private static <T extends TFloating> Operand<T> typed(
      List<Operand<?>> inputs, int index, Class<T> type) {
    return inputs.get(index).asOutput().expect(type);
  }

  private static <T extends TFloating> Operand<T> divided(
      Ops tf, Class<T> type, Operand<T> x_BTNH, Operand<TFloat32> total_BTN1) {
    return Scalars.cast(tf, tf.math.div(Scalars.toFloat32(tf, x_BTNH), total_BTN1), type);
  }

  /** A number a query row, [B, K, G, T, 1] to [B, T, N, 1]. */
  private static Operand<TFloat32> rows(
      Ops tf, AttentionSpec spec, Operand<TFloat32> rows_BKGT1, long batch, long length) {
    return Heads.reshape(
        tf, Heads.transpose(tf, rows_BKGT1, 0, 3, 1, 2, 4), batch, length, spec.heads(), 1);
  }

  /** The kernel that may compute all. */
  private static Optional<Kernel> kernel(
      AttentionMask mask, Class<? extends TFloating> type, long queries, long keys) {
    if (mask.ends_BS().isPresent()) return Optional.empty();
    if (type == TBfloat16.class && queries == 1) return Optional.of(Kernel.ATTENTION);
    return Kernel.takes(type) && keys >= FEWEST_KEYS
        ? Optional.of(Kernel.TILED_ATTENTION)
        : Optional.empty();
  }

  /** What kernels of a whole attention are told. */
  private record Operands<T extends TFloating>(
      AttentionSpec spec,
      AttentionMask mask,
      Operand<T> q_BTNH,
      Operand<T> k_BKSH,
      Operand<T> v_BKSH) {
    List<Operand<?>> of(Ops tf) {
      return new ArrayList<>(
          List.of(
              q_BTNH,
              k_BKSH,
              v_BKSH,
              mask.queryPositions_BT(),
              mask.keyPositions_BS(),
              tf.constant(numbers())));
    }

    /** Scale, cap and window, infinite where there is none. */
    private float[] numbers() {
      OptionalInt window = mask.within(spec.window());
      return new float[] {
        (float) spec.scale(),
        (float) spec.softcap().cap().orElse(Double.POSITIVE_INFINITY),
        window.isPresent() ? window.getAsInt() : Float.POSITIVE_INFINITY
      };
    }
  }
}
