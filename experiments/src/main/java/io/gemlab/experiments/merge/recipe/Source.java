package io.gemlab.experiments.merge.recipe;

import java.util.Optional;

/**
 * A model's part in a slice.
 *
 * @param layers which of its layers; empty for all
 * @param where it stands in the recipe
 */
public record Source(
    ModelReference model, Optional<LayerRange> layers, Settings settings, String where) {}
