package io.gemlab.experiments.serve.batch;

import io.gemlab.graph.decode.Sampling;
import io.gemlab.graph.generate.Prompt;
import java.util.List;
import java.util.OptionalInt;

/**
 * What a client asks for.
 *
 * @param prompts what to go on with, each apart, 1 or more
 * @param choices answers to each prompt, 1 or more; answer i is drawn with the seed plus i
 * @param maxTokens new tokens of each at most, 0 for none; empty for as many as there is room for
 * @param sampling how they are chosen
 * @param stop texts that end an answer
 * @param ignoreEos whether to go on after the tokens that end an answer
 * @param logProbabilities whether to tell how probable each token is
 * @param echo whether the prompt is a part of the answer's text, and of what is told of tokens
 */
public record CompletionRequest(
    List<Prompt> prompts,
    int choices,
    OptionalInt maxTokens,
    Sampling sampling,
    List<String> stop,
    boolean ignoreEos,
    boolean logProbabilities,
    boolean echo) {
  public CompletionRequest {
    prompts = List.copyOf(prompts);
    stop = List.copyOf(stop);
  }

  /** Answers to all prompts. */
  int answers() {
    return prompts.size() * choices;
  }

  /** Whether to tell how probable the prompts' tokens are. */
  boolean scoresPrompts() {
    return echo && logProbabilities;
  }

  /** Whether scoring the prompts tells all: one token at most follows them, the likeliest. */
  boolean isScoredAlone() {
    if (!scoresPrompts() || maxTokens.isEmpty() || choices > 1) return false;
    int tokens = maxTokens.getAsInt();
    return tokens == 0 || tokens == 1 && sampling.isGreedy() && stop.isEmpty();
  }
}
