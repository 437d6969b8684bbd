package io.gemlab.experiments.cli.option;

import io.gemlab.graph.decode.Sampling;
import io.gemlab.graph.generate.GenerationOptions;
import java.util.List;
import picocli.CommandLine.Option;

/** Flags of how long an answer is and how its tokens are chosen. */
public final class AnswerOptions {
  @Option(
      names = "--max-new-tokens",
      defaultValue = "256",
      paramLabel = "N",
      description = "Tokens at most. Default: ${DEFAULT-VALUE}.")
  private int maxNewTokens;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "T",
      description = "What logits are divided by; 0 takes the likeliest token. Default: 0.")
  private double temperature;

  @Option(
      names = "--top-k",
      defaultValue = "0",
      paramLabel = "K",
      description = "Draw from the K likeliest tokens; 0: from all. Default: 0.")
  private int topK;

  @Option(
      names = "--top-p",
      defaultValue = "1",
      paramLabel = "P",
      description = "Draw from the likeliest tokens that together have probability P. Default: 1.")
  private double topP;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Of what is drawn; row b of a batch has seed N + b. Default: 0.")
  private long seed;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "A text that ends the answer and is no part of it; may be given repeatedly.")
  private List<String> stop = List.of();

  @Option(
      names = "--ignore-eos",
      description = "Go on after the tokens that end an answer, such as EOS.")
  private boolean ignoreEos;

  public GenerationOptions options() {
    return new GenerationOptions(
        maxNewTokens, new Sampling(temperature, topK, topP, seed), stop, ignoreEos, false, false);
  }
}
