package io.gemlab.experiments.merge.run;

import io.gemlab.experiments.merge.method.Contract;
import io.gemlab.experiments.merge.plan.MergePlan;
import io.gemlab.experiments.merge.recipe.ModelReference;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The README.md of a merged model, with the recipe in it.
 *
 * @param front that the model is a point of
 */
record ModelCard(MergePlan plan, Optional<FrontTable> front) {
  /** The file's name. */
  static final String FILE = "README.md";

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
      %s
      The recipe%s (%s):

      ```yaml
      %s
      ```

      `%s` holds the hashes of the models' files and of these weights.
      """;

  /** What the recipe is called beside the weights; where mergekit reads it, as mergekit has it. */
  String recipeFile() {
    return front.isPresent() ? "recipe.yml" : "mergekit_config.yml";
  }

  /**
   * The card.
   *
   * @param name of the model
   */
  String text(String name) {
    Contract method = plan.recipe().method().contract();
    String models =
        plan.models().stream()
            .map(model -> "- " + model.reference())
            .collect(Collectors.joining("\n"));
    String parts =
        plan.models().stream()
            .map(model -> "| %s | %s |".formatted(model.reference(), part(model.reference())))
            .collect(Collectors.joining("\n"));
    return TEXT.formatted(
        models,
        name,
        method.title(),
        method.reference().isEmpty() ? "" : " (%s)".formatted(method.reference()),
        parts,
        front.map(table -> "\n%s\n".formatted(String.join("\n", table.lines()))).orElse(""),
        front.isPresent() ? "" : ", which mergekit reads too",
        recipeFile(),
        plan.recipe().text().stripTrailing(),
        MergeRecord.FILE);
  }

  private String part(ModelReference model) {
    return plan.recipe().base().filter(model::equals).isPresent() ? "base" : "merged";
  }
}
