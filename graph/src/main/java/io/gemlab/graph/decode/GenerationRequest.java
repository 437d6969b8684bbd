package io.gemlab.graph.decode;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.List;

/**
 * What to generate.
 *
 * @param prompts tokens of each row, 1 or more rows of 1 or more; lengths may differ
 * @param maxNewTokens tokens a row gets at most
 * @param sampling how each is chosen
 * @param logProbabilities whether to give the log-probability of each new token
 * @param reuseCache whether the beginning of a single prompt is left out that the generation before
 *     had too and the cache still holds; then float operations come in another order
 */
public record GenerationRequest(
    List<int[]> prompts,
    int maxNewTokens,
    Sampling sampling,
    boolean logProbabilities,
    boolean reuseCache) {
  /** All of every prompt is taken in. */
  public GenerationRequest(
      List<int[]> prompts, int maxNewTokens, Sampling sampling, boolean logProbabilities) {
    this(prompts, maxNewTokens, sampling, logProbabilities, false);
  }

  public GenerationRequest {
    prompts = List.copyOf(prompts);
    if (prompts.isEmpty()) throw new InvalidInput("there is no prompt; give at least one");
    if (maxNewTokens <= 0) {
      throw new InvalidInput(
          "the number of new tokens is " + maxNewTokens + "; give a number above 0");
    }
  }
}
