package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.Contract.Base;
import java.util.Arrays;
import java.util.List;

/**
 * Select, calculate, erase: of the task vectors only those elements count in which the models
 * differ most; each model weighs as the mean square of its own; where signs disagree, those that
 * aren't the sum's are left out.
 *
 * @see <a href="https://arxiv.org/abs/2408.07990">FuseChat, arXiv:2408.07990</a>
 */
public final class Sce implements MergeMethod {
  private static final String SELECT = "select_topk";

  /** A sum of mean squares below it tells nothing, and all models weigh alike. */
  private static final double NO_SQUARES = 1e-6;

  private static final double LEAST_DIVISOR = 1e-6;

  private static final Contract CONTRACT =
      new Contract(
          "sce",
          "SCE",
          "https://arxiv.org/abs/2408.07990",
          Base.REQUIRED,
          1,
          Contract.ANY_NUMBER,
          List.of(
              Parameter.number(
                  SELECT, 1, 0, 1, "which share of the elements that differ at all counts"),
              Parameter.flag("int8_mask", false, "changes nothing; recipes have it")));

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    LargestValues selected = selected(inputs, values.number(SELECT));
    double[] weights = weights(inputs, selected);
    int[] models = inputs.models();
    int base = inputs.base().orElseThrow();
    float[] variance_N = new float[TensorInputs.PIECE];
    return (first, count, inputs_MN, result_N) -> {
      Differences.of(inputs, count, inputs_MN);
      erase(selected, models, first, count, inputs_MN, variance_N);
      for (int i = 0; i < count; i++) {
        double sum = 0;
        for (int model : models) sum += inputs_MN[model][i];
        double weighted = 0;
        double divisor = 0;
        for (int m = 0; m < models.length; m++) {
          float value = inputs_MN[models[m]][i];
          if (sum >= 0 ? value > 0 : value < 0) {
            weighted += weights[m] * value;
            divisor += weights[m];
          }
        }
        result_N[i] = (float) (inputs_MN[base][i] + weighted / Math.max(LEAST_DIVISOR, divisor));
      }
    };
  }

  /** The elements in which the models' variance is largest. */
  private static LargestValues selected(TensorInputs inputs, double share) {
    if (share >= 1) return LargestValues.ALL;
    int[] models = inputs.models();
    long[] differing = {0};
    float[] variance_N = new float[TensorInputs.PIECE];
    inputs.forEachPiece(
        (_, count, values_MN) -> {
          variance(models, count, Differences.of(inputs, count, values_MN), variance_N);
          for (int i = 0; i < count; i++) if (variance_N[i] != 0) differing[0]++;
        });
    // In float32, as the number of elements is computed there.
    long wanted = (long) ((float) differing[0] * (float) share);
    if (wanted == 0) return LargestValues.NONE;
    float[][] values_MN = inputs.buffers();
    return LargestValues.of(
        inputs.elements(),
        wanted,
        (first, count, target_N) -> {
          inputs.read(first, count, values_MN);
          variance(models, count, Differences.of(inputs, count, values_MN), target_N);
        });
  }

  private static void variance(int[] models, int count, float[][] vectors_MN, float[] target_N) {
    for (int i = 0; i < count; i++) {
      double sum = 0;
      for (int model : models) sum += vectors_MN[model][i];
      double mean = sum / models.length;
      double squares = 0;
      for (int model : models) {
        double distance = vectors_MN[model][i] - mean;
        squares += distance * distance;
      }
      target_N[i] = (float) (squares / models.length);
    }
  }

  /** Sets the elements that don't count to 0. */
  private static void erase(
      LargestValues selected,
      int[] models,
      long first,
      int count,
      float[][] vectors_MN,
      float[] variance_N) {
    if (selected == LargestValues.ALL) return;
    variance(models, count, vectors_MN, variance_N);
    for (int i = 0; i < count; i++) {
      if (selected.has(first + i, variance_N[i])) continue;
      for (int model : models) vectors_MN[model][i] = 0;
    }
  }

  private static double[] weights(TensorInputs inputs, LargestValues selected) {
    int[] models = inputs.models();
    double[] squares = new double[models.length];
    float[] variance_N = new float[TensorInputs.PIECE];
    inputs.forEachPiece(
        (first, count, values_MN) -> {
          Differences.of(inputs, count, values_MN);
          erase(selected, models, first, count, values_MN, variance_N);
          for (int m = 0; m < models.length; m++) {
            float[] vector_N = values_MN[models[m]];
            squares[m] += Sums.dot(vector_N, vector_N, 0, count);
          }
        });
    Arrays.setAll(squares, m -> squares[m] / inputs.elements());
    double all = Arrays.stream(squares).sum();
    Arrays.setAll(squares, m -> all < NO_SQUARES ? 1.0 / models.length : squares[m] / all);
    return squares;
  }
}
