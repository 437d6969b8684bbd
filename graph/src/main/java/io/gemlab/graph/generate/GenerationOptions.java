package io.gemlab.graph.generate;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.decode.Sampling;
import java.util.List;

/**
 * How to answer a prompt. Begin with {@link #defaults} and change what differs.
 *
 * @param maxNewTokens tokens at most
 * @param sampling how each is chosen
 * @param stopStrings texts that end the answer; they are no part of it
 * @param ignoreEos whether to go on after EOS and the end of a turn
 * @param logProbabilities whether to give the log-probability of each new token
 * @param reuseCache whether to go on from where the cache already is: the beginning that a prompt
 *     has in common with the generation before is not taken in again. For conversations; an answer
 *     may differ from one given alone, as float operations come in another order
 */
public record GenerationOptions(
    int maxNewTokens,
    Sampling sampling,
    List<String> stopStrings,
    boolean ignoreEos,
    boolean logProbabilities,
    boolean reuseCache) {
  private static final GenerationOptions DEFAULTS =
      new GenerationOptions(256, Sampling.greedy(), List.of(), false, false, false);

  public GenerationOptions {
    stopStrings = List.copyOf(stopStrings);
    if (stopStrings.stream().anyMatch(String::isEmpty)) {
      throw new InvalidInput("a stop string is empty; give at least one character");
    }
  }

  /** 256 tokens at most, each the likeliest. */
  public static GenerationOptions defaults() {
    return DEFAULTS;
  }

  public GenerationOptions withMaxNewTokens(int tokens) {
    return new GenerationOptions(
        tokens, sampling, stopStrings, ignoreEos, logProbabilities, reuseCache);
  }

  public GenerationOptions withSampling(Sampling chosen) {
    return new GenerationOptions(
        maxNewTokens, chosen, stopStrings, ignoreEos, logProbabilities, reuseCache);
  }

  public GenerationOptions withStopStrings(String... strings) {
    return new GenerationOptions(
        maxNewTokens, sampling, List.of(strings), ignoreEos, logProbabilities, reuseCache);
  }

  public GenerationOptions ignoringEos() {
    return new GenerationOptions(
        maxNewTokens, sampling, stopStrings, true, logProbabilities, reuseCache);
  }

  public GenerationOptions withLogProbabilities() {
    return new GenerationOptions(maxNewTokens, sampling, stopStrings, ignoreEos, true, reuseCache);
  }

  public GenerationOptions reusingCache() {
    return new GenerationOptions(
        maxNewTokens, sampling, stopStrings, ignoreEos, logProbabilities, true);
  }
}
