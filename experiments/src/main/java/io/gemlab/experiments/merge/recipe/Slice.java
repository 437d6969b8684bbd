package io.gemlab.experiments.merge.recipe;

import java.util.List;
import java.util.Optional;

/**
 * Layers of the result, and what they are merged of; a recipe with {@code models} has one.
 *
 * @param sources with as many layers each
 * @param base the base model of these layers, where it isn't the recipe's
 * @param where it stands in the recipe
 */
public record Slice(
    List<Source> sources, Optional<ModelReference> base, Settings settings, String where) {
  public Slice {
    sources = List.copyOf(sources);
  }
}
