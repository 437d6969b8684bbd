package io.gemlab.experiments.cli;

import io.gemlab.experiments.BuildInfo;
import io.gemlab.reports.record.Library;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.Provenances;
import io.gemlab.reports.record.RunContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/** Where a command's numbers come from: version, checkout, machine, and how to run it again. */
final class CommandProvenance {
  /** The launcher says where the checkout is. */
  private static final String HOME = "GEMLAB_HOME";

  private CommandProvenance() {}

  static Provenance of(CommandLine command) {
    List<String> repeat = new ArrayList<>(List.of("./gemlab", command.getCommandName()));
    repeat.addAll(
        command.getParseResult().originalArgs().stream()
            .filter(argument -> !argument.equals("--resume"))
            .filter(argument -> !argument.equals(command.getCommandName()))
            .toList());
    return Provenances.collect(
        new RunContext(
            BuildInfo.VERSION,
            checkout(),
            repeat,
            List.of(library("TensorFlow Java", "tensorflow-java"), library("Tribuo", "tribuo"))));
  }

  /** Where the launcher is. */
  static Path checkout() {
    return Path.of(Optional.ofNullable(System.getenv(HOME)).orElse("."));
  }

  private static Library library(String name, String key) {
    return Library.newBuilder().setName(name).setVersion(BuildInfo.library(key)).build();
  }
}
