package io.gemlab.experiments.merge.run;

import io.gemlab.experiments.merge.method.Contract;
import io.gemlab.experiments.merge.plan.MergePlan;
import io.gemlab.experiments.merge.recipe.ModelReference;
import java.util.stream.Collectors;

/** The README.md of a merged model, with the recipe in it. */
final class ModelCard {
  /** The file's name. */
  static final String FILE = "README.md";

  /** What the recipe is called beside the weights, as mergekit has it. */
  static final String RECIPE = "mergekit_config.yml";

  private static final String TEXT =
      """
      ---
      library_name: transformers
      tags:
      - merge
      base_model:
      %s
      ---
      # %s

      Merged with Gemlab by the method %s%s.

      | model | part |
      | --- | --- |
      %s

      The recipe, which mergekit reads too (%s):

      ```yaml
      %s
      ```

      `%s` holds the hashes of the models' files and of these weights.
      """;

  private ModelCard() {}

  static String text(MergePlan plan, String name) {
    Contract method = plan.recipe().method().contract();
    String models =
        plan.models().stream()
            .map(model -> "- " + model.reference())
            .collect(Collectors.joining("\n"));
    String parts =
        plan.models().stream()
            .map(model -> "| %s | %s |".formatted(model.reference(), part(plan, model.reference())))
            .collect(Collectors.joining("\n"));
    return TEXT.formatted(
        models,
        name,
        method.title(),
        method.reference().isEmpty() ? "" : " (%s)".formatted(method.reference()),
        parts,
        RECIPE,
        plan.recipe().text().stripTrailing(),
        MergeRecord.FILE);
  }

  private static String part(MergePlan plan, ModelReference model) {
    return plan.recipe().base().filter(model::equals).isPresent() ? "base" : "merged";
  }
}
