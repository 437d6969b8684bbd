package io.gemlab.experiments.cli;

import io.gemlab.experiments.choice.Choices;
import io.gemlab.graph.gemma2.OpChoice;
import picocli.CommandLine.Option;

/** Flags of which attention a model has. */
final class AttentionOptions {
  @Option(
      names = "--attention",
      defaultValue = "eager",
      paramLabel = "KIND",
      description = "eager, sdpa or blockwise. Default: ${DEFAULT-VALUE}.")
  private String attention;

  @Option(
      names = "--allow-deviation",
      description = "Let sdpa drop the attention's cap, and say so.")
  private boolean allowDeviation;

  OpChoice choice() {
    return new OpChoice(Choices.attention(attention), allowDeviation);
  }
}
