package io.gemlab.experiments.ablate.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Which recipe, as the command line says it.
 *
 * @param path empty for the default
 * @param quick whether to use the recipe's quick settings
 * @param changes {@code key=value}, laid over both
 */
public record RecipeChoice(Optional<Path> path, boolean quick, List<String> changes) {
  public RecipeChoice {
    changes = List.copyOf(changes);
  }

  /** The recipe, every default filled in. */
  public RecipeFile file() {
    return RecipeFile.read(path, quick, changes.stream().map(RecipeChange::of).toList());
  }
}
