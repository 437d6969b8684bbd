package io.gemlab.experiments.cli.option;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.graph.gemma2.OpChoice;
import picocli.CommandLine.Option;

/** Flags of which attention a model has. */
public final class AttentionOptions {
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

  public OpChoice choice() {
    return new OpChoice(Choices.attention(attention), allowDeviation);
  }
}
