package io.gemlab.experiments.cli.option;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.path.ExecutionPath;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Flags of where a model runs, and with which attention. */
final class PathOptions {
  @Option(
      names = "--path",
      defaultValue = "clustered",
      paramLabel = "PATH",
      description =
          "eager, graph, clustered or fused; or a device's: pjrt:tpu, pjrt:cuda, pjrt:cpu, or"
              + " pjrt: and a plugin's file. Default: ${DEFAULT-VALUE}.")
  private String path;

  @Mixin private AttentionOptions attention;

  ExecutionPath path() {
    return Choices.path(path);
  }

  OpChoice choice() {
    return attention.choice();
  }
}
