package io.gemlab.experiments.cli.option;

import io.gemlab.graph.base.input.InvalidInput;
import picocli.CommandLine.Model.CommandSpec;

/** Flags that were given. */
public final class Flags {
  private Flags() {}

  /**
   * Refuses flags that would change nothing.
   *
   * @param when where they mean nothing, such as {@code with --jmh}
   */
  public static void refuse(CommandSpec command, String when, String... flags) {
    for (String flag : flags) {
      if (command.commandLine().getParseResult().hasMatchedOption(flag)) {
        throw new InvalidInput(flag + " means nothing " + when + "; leave it out");
      }
    }
  }
}
