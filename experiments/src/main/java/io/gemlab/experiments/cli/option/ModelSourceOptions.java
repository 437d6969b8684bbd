package io.gemlab.experiments.cli.option;

import io.gemlab.experiments.recipe.ModelSource;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The flags that say where a model's sizes come from; a group of which one is given. */
public final class ModelSourceOptions {
  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description = "A built-in model: ${COMPLETION-CANDIDATES}.",
      completionCandidates = PresetNames.class)
  private String preset;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The config.json of a Hugging Face folder instead.")
  private Path config;

  /**
   * The model.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if there is none of this name, or the file is
   *     no config
   */
  public ModelSource model() {
    return config == null ? ModelSource.preset(preset) : ModelSource.file(config);
  }
}
