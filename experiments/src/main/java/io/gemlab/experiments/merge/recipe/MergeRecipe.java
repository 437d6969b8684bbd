package io.gemlab.experiments.merge.recipe;

import io.gemlab.experiments.merge.method.MergeMethod;
import io.gemlab.graph.base.tensor.ElementType;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * A merge as mergekit's YAML describes it.
 *
 * @param file it was read from
 * @param text what the file holds
 * @param slices one or more, in the order of the result's layers
 * @param points of the front that the result is; empty where it is one model
 * @param base the model that differences are taken from, or whose files the result gets
 * @param dtype what the result is stored as where {@code outDtype} is empty
 * @param outDtype what the result is stored as
 * @param tokenizer the model whose tokenizer the result gets; empty for the base's, or the first's
 */
public record MergeRecipe(
    Path file,
    String text,
    MergeMethod method,
    List<Slice> slices,
    List<FrontPoint> points,
    Optional<ModelReference> base,
    Settings settings,
    Optional<ElementType> dtype,
    Optional<ElementType> outDtype,
    Optional<ModelReference> tokenizer) {
  public MergeRecipe {
    slices = List.copyOf(slices);
    points = List.copyOf(points);
  }

  /** All models that it names, each once: the base first. */
  public List<ModelReference> models() {
    Set<ModelReference> models = new LinkedHashSet<>();
    base.ifPresent(models::add);
    for (Slice slice : slices) {
      slice.base().ifPresent(models::add);
      slice.sources().forEach(source -> models.add(source.model()));
    }
    tokenizer.ifPresent(models::add);
    return List.copyOf(models);
  }

  /** A parameter of the merge for a tensor, if the recipe gives it. */
  public OptionalDouble ofMerge(String parameter, Slice slice, String tensor, double depth) {
    OptionalDouble ofSlice = slice.settings().at(parameter, tensor, depth);
    return ofSlice.isPresent() ? ofSlice : settings.at(parameter, tensor, depth);
  }

  /**
   * A parameter of a model for a tensor, if the recipe gives it: for the model, the slice or all.
   *
   * @param tensor as the model calls it
   */
  public OptionalDouble ofModel(
      String parameter, Slice slice, Source source, String tensor, double depth) {
    OptionalDouble own = source.settings().at(parameter, tensor, depth);
    return own.isPresent() ? own : ofMerge(parameter, slice, tensor, depth);
  }
}
