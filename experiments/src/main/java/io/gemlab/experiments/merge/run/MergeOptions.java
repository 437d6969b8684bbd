package io.gemlab.experiments.merge.run;

import io.gemlab.experiments.merge.method.Arithmetic;
import io.gemlab.experiments.merge.method.DropRescale;
import io.gemlab.experiments.merge.method.Masks;
import io.gemlab.experiments.merge.method.Rounding;
import io.gemlab.experiments.merge.plan.PlannedTensor;
import io.gemlab.experiments.merge.recipe.MergeRecipe;
import io.gemlab.graph.base.tensor.ElementType;
import java.util.List;

/**
 * What a merge depends on besides its recipe and its models.
 *
 * @param likeMergekit whether each operation is rounded to the recipe's dtype, or to the models'
 *     own; else arithmetic is in float32 and the result is rounded once
 * @param rescale what makes up for what is dropped at random
 * @param seed of what is drawn
 */
public record MergeOptions(boolean likeMergekit, DropRescale rescale, long seed) {
  /** How a tensor is computed. */
  Arithmetic arithmetic(MergeRecipe recipe, PlannedTensor tensor) {
    return new Arithmetic(rounding(recipe, tensor), rescale, Masks.drawn(seed));
  }

  private Rounding rounding(MergeRecipe recipe, PlannedTensor tensor) {
    if (!likeMergekit) return Rounding.NONE;
    List<ElementType> types =
        tensor.inputs().stream().map(PlannedTensor.Input::type).distinct().toList();
    ElementType own = types.size() == 1 ? types.getFirst() : ElementType.F32;
    return Rounding.of(recipe.dtype().orElse(own));
  }

  /** As the record of a merge has it. */
  String text() {
    return "arithmetic %s, rescale %s, seed %d"
        .formatted(likeMergekit ? "as mergekit's" : "float32", rescale, seed);
  }
}
