package io.gemlab.graph.decode;

import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.Results;
import java.util.Arrays;

/**
 * The tokens that a step chose, one a row.
 *
 * @param ids the tokens
 * @param logProbabilities of each; NaN if not asked for
 * @param likeliest the likeliest token of each row; where not asked for, what was chosen
 * @param likeliestLogProbabilities of those; NaN if not asked for
 */
record ChosenTokens(
    int[] ids, float[] logProbabilities, int[] likeliest, float[] likeliestLogProbabilities) {

  static ChosenTokens of(Results results, StepHead.Next head) {
    int[] ids = results.get(StepHead.IDS).ints();
    if (!head.logProbabilities()) {
      float[] unknown = new float[ids.length];
      Arrays.fill(unknown, Float.NaN);
      return new ChosenTokens(ids, unknown, ids, unknown);
    }
    float[] logProbabilities = results.get(StepHead.LOG_PROBABILITIES).floats();
    return head.drawn()
        ? new ChosenTokens(
            ids,
            logProbabilities,
            results.get(StepHead.LIKELIEST).ints(),
            results.get(StepHead.LIKELIEST_LOG_PROBABILITIES).floats())
        : new ChosenTokens(ids, logProbabilities, ids, logProbabilities);
  }

  /**
   * @throws NotFiniteException if a row's logits were not numbers
   */
  void requireFinite(int row) {
    if (ids[row] != StepHead.NOT_FINITE) return;
    throw new NotFiniteException(
        "the logits of row "
            + row
            + " are not numbers: float16 overflows beyond 65504; compute in bfloat16 or float32");
  }
}
