package io.gemlab.experiments.cli.option;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.List;
import java.util.Set;
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

  /**
   * The options that were given, each with its values, ready for another command line.
   *
   * @param but names of options left out
   */
  public static List<String> given(CommandSpec command, String... but) {
    Set<String> left = Set.of(but);
    return command.commandLine().getParseResult().matchedOptions().stream()
        .filter(option -> !left.contains(option.longestName()))
        .flatMap(
            option ->
                option.originalStringValues().stream()
                    .map(value -> option.longestName() + "=" + value))
        .toList();
  }
}
