package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.Contract.Base;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Task arithmetic and all that is made of it: what models are more than their base is made sparse,
 * weighted, added up, perhaps only where signs agree, and added to the base.
 */
abstract class TaskVectors implements MergeMethod {
  static final String DENSITY = "density";
  private static final String WEIGHT = "weight";
  private static final String NORMALIZE = "normalize";
  private static final String RESCALE = "rescale";
  private static final String LAMBDA = "lambda";

  /** Sums of weights or of magnitudes below them divide nothing. */
  private static final float NO_WEIGHT = 1e-8f;

  private static final float NO_NORM = 1e-7f;

  private final Contract contract;
  private final Sparsifier sparsifier;
  private final Consensus consensus;

  /** Which task vectors count at an element. */
  enum Consensus {
    /** All. */
    NONE,
    /** Those whose sign is that of the weighted sum. */
    SIGN
  }

  /** What a method does where a recipe says nothing. */
  record Defaults(boolean normalize, boolean rescale) {}

  /**
   * A method.
   *
   * @param name as recipes have it
   * @param title as people call it
   * @param reference where it is described
   * @param sparsifier what it drops of each task vector
   * @param consensus which count at an element
   */
  TaskVectors(
      String name,
      String title,
      String reference,
      Defaults defaults,
      Sparsifier sparsifier,
      Consensus consensus) {
    this.contract = contract(name, title, reference, defaults, sparsifier.parameters());
    this.sparsifier = sparsifier;
    this.consensus = consensus;
  }

  /** The contract that all of them share, with parameters of their own. */
  private static Contract contract(
      String name, String title, String reference, Defaults defaults, List<Parameter> own) {
    List<Parameter> parameters =
        new ArrayList<>(
            List.of(
                Parameter.weight(),
                Parameter.flag(
                    NORMALIZE,
                    defaults.normalize(),
                    "whether the sum is divided by the weights of the models that count"),
                Parameter.number(
                    LAMBDA,
                    1,
                    Double.NEGATIVE_INFINITY,
                    Double.POSITIVE_INFINITY,
                    "what the sum is multiplied by before it is added to the base"),
                Parameter.flag(
                    RESCALE,
                    defaults.rescale(),
                    "whether a sparse task vector is scaled to make up for what was dropped"),
                Parameter.ofModel(DENSITY, 1, 0, 1, "which share of the model's task vector stays"),
                Parameter.flag("int8_mask", false, "changes nothing; recipes have it")));
    parameters.addAll(own);
    return new Contract(name, title, reference, Base.REQUIRED, 1, Contract.ANY_NUMBER, parameters);
  }

  @Override
  public final Contract contract() {
    return contract;
  }

  @Override
  public final Optional<String> problem(ParameterValues values) {
    return sparsifier.problem(values);
  }

  @Override
  public final PieceMerge prepare(
      TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    // What a model drops follows from that model alone.
    Part[] parts =
        IntStream.of(inputs.models())
            .parallel()
            .mapToObj(model -> part(new TaskVector(inputs, model), values, arithmetic))
            .toArray(Part[]::new);
    return new Sum(inputs, values, arithmetic.rounding(), consensus, parts);
  }

  /**
   * One model's part in the sum.
   *
   * @param scale of the sparse vector
   */
  private record Part(int input, Sparsifier.Kept kept, float scale, float weight) {
    /** Makes a task vector its part of the sum, in place. */
    void apply(long first, int count, float[] vector_N, Rounding rounding) {
      kept.apply(first, count, vector_N);
      if (scale != 1) multiply(vector_N, scale, count, rounding);
      multiply(vector_N, weight, count, rounding);
    }
  }

  private Part part(TaskVector vector, ParameterValues values, Arithmetic arithmetic) {
    Sparsifier.Kept kept = sparsifier.decide(vector, values, arithmetic);
    float scale = 1;
    if (kept != Sparsifier.Kept.ALL && values.flag(RESCALE)) {
      scale =
          arithmetic.rescale() == DropRescale.DENSITY
              ? (float) (1 / values.ofModel(DENSITY, vector.input()))
              : normRatio(vector, kept, arithmetic.rounding());
    }
    float weight = arithmetic.rounding().round(values.ofModel(WEIGHT, vector.input()));
    return new Part(vector.input(), kept, scale, weight);
  }

  /** By how much the magnitudes' sum was larger before. */
  private static float normRatio(TaskVector vector, Sparsifier.Kept kept, Rounding rounding) {
    // A library with float16 sums in float32, where these sums are in range.
    Rounding ofSums = rounding == Rounding.FLOAT16 ? Rounding.NONE : rounding;
    double before = 0;
    double after = 0;
    float[] piece_N = new float[TensorInputs.PIECE];
    for (long first = 0; first < vector.elements(); first += piece_N.length) {
      int count = (int) Math.min(piece_N.length, vector.elements() - first);
      vector.read(first, count, piece_N);
      before += Sums.magnitudes(piece_N, count);
      kept.apply(first, count, piece_N);
      after += Sums.magnitudes(piece_N, count);
    }
    if (before < NO_NORM || after < NO_NORM) return 1;
    return ofSums.round(ofSums.round(before) / ofSums.round(after));
  }

  private static void multiply(float[] values_N, float factor, int count, Rounding rounding) {
    for (int i = 0; i < count; i++) values_N[i] *= factor;
    rounding.round(values_N, count);
  }

  /** Adds the parts up. */
  private static final class Sum implements PieceMerge {
    private final TensorInputs inputs;
    private final Rounding rounding;
    private final Consensus consensus;
    private final Part[] parts;
    private final boolean normalizes;
    private final float lambda;
    private final float[] sum_N = new float[TensorInputs.PIECE];
    private final float[] divisor_N = new float[TensorInputs.PIECE];
    private final float[] sign_N = new float[TensorInputs.PIECE];

    Sum(
        TensorInputs inputs,
        ParameterValues values,
        Rounding rounding,
        Consensus consensus,
        Part[] parts) {
      this.inputs = inputs;
      this.rounding = rounding;
      this.consensus = consensus;
      this.parts = parts;
      this.normalizes = values.flag(NORMALIZE);
      this.lambda = (float) values.number(LAMBDA);
    }

    @Override
    public void merge(long first, int count, float[][] inputs_MN, float[] result_N) {
      Differences.of(inputs, count, inputs_MN);
      for (Part part : parts) part.apply(first, count, inputs_MN[part.input()], rounding);
      addUp(count, inputs_MN);
      switch (consensus) {
        case NONE -> Arrays.fill(divisor_N, 0, count, weights());
        case SIGN -> keepSign(count, inputs_MN);
      }
      if (normalizes) divide(count);
      if (lambda != 1) multiply(sum_N, lambda, count, rounding);
      float[] base_N = inputs_MN[inputs.base().orElseThrow()];
      for (int i = 0; i < count; i++) result_N[i] = base_N[i] + sum_N[i];
      rounding.round(result_N, count);
    }

    private void addUp(int count, float[][] vectors_MN) {
      Arrays.fill(sum_N, 0, count, 0);
      for (Part part : parts) {
        float[] vector_N = vectors_MN[part.input()];
        for (int i = 0; i < count; i++) sum_N[i] += vector_N[i];
      }
      rounding.round(sum_N, count);
    }

    private float weights() {
      float sum = 0;
      for (Part part : parts) sum += part.weight();
      float rounded = rounding.round(sum);
      return Math.abs(rounded) < NO_WEIGHT ? 1 : rounded;
    }

    /**
     * Sums again, without the vectors whose sign isn't the sum's; a sum of 0 counts as positive.
     */
    private void keepSign(int count, float[][] vectors_MN) {
      for (int i = 0; i < count; i++) {
        float sign = Math.signum(sum_N[i]);
        sign_N[i] = sign + 1 - Math.abs(sign);
      }
      Arrays.fill(sum_N, 0, count, 0);
      Arrays.fill(divisor_N, 0, count, 0);
      for (Part part : parts) {
        float[] vector_N = vectors_MN[part.input()];
        float weight = part.weight();
        for (int i = 0; i < count; i++) {
          // 1 or 0 and not a branch: signs are as good as random.
          float counts = Math.max(sign_N[i] * Math.signum(vector_N[i]), 0);
          sum_N[i] += vector_N[i] * counts;
          divisor_N[i] += weight * counts;
        }
      }
      rounding.round(sum_N, count);
      rounding.round(divisor_N, count);
      for (int i = 0; i < count; i++) if (divisor_N[i] == 0) divisor_N[i] = 1;
    }

    private void divide(int count) {
      for (int i = 0; i < count; i++) sum_N[i] /= divisor_N[i];
      rounding.round(sum_N, count);
    }
  }
}
