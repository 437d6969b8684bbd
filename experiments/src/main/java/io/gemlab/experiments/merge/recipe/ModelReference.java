package io.gemlab.experiments.merge.recipe;

import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A model as a recipe names it.
 *
 * @param model a checkpoint's folder
 * @param adapter the folder of a LoRA adapter that is added to it
 */
public record ModelReference(Path model, Optional<Path> adapter) {
  /**
   * Reads {@code DIR} or {@code DIR+ADAPTER}. A relative path is looked for from where the command
   * runs, and then from beside the recipe.
   *
   * @param where the recipe's place
   * @throws InvalidInput if it names no folders
   */
  static ModelReference of(String text, Path recipe, String where) {
    if (Files.isDirectory(found(text, recipe))) {
      return new ModelReference(found(text, recipe), Optional.empty());
    }
    String[] parts = text.split("\\+", -1);
    if (parts.length > 2 || parts[0].isBlank()) {
      throw new InvalidInput(
          "%s is %s; name a folder, or a folder and an adapter's as MODEL+ADAPTER"
              .formatted(where, InvalidInput.shown(text)));
    }
    return new ModelReference(
        folder(parts[0], recipe, where),
        parts.length == 1 ? Optional.empty() : Optional.of(folder(parts[1], recipe, where)));
  }

  private static Path folder(String text, Path recipe, String where) {
    Path found = found(text, recipe);
    if (Files.isDirectory(found)) return found;
    throw new InvalidInput(
        "%s is %s, and there is no such folder here or beside the recipe; models are not fetched: download it and name its folder"
            .formatted(where, InvalidInput.shown(text)));
  }

  private static Path found(String text, Path recipe) {
    Path here = Path.of(text);
    Path found = Files.exists(here) ? here : recipe.resolveSibling(text);
    return text.equals(".") ? here : found.normalize();
  }

  /** As a recipe has it. */
  @Override
  public String toString() {
    return model + adapter.map(folder -> "+" + folder).orElse("");
  }
}
