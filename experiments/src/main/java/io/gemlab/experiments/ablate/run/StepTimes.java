package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.RecipeFile;
import io.gemlab.experiments.run.Inventory;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.record.Outcome.Status;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How long a training step of each arm takes, as the records of a study say.
 *
 * @param millis by the arm's name; none of an arm that can't be run
 */
public record StepTimes(Map<String, Double> millis) {
  public StepTimes {
    millis = Map.copyOf(millis);
  }

  /** Those of a study, once each arm's step was measured or refused. */
  public static Optional<StepTimes> of(AblationRecipe recipe, Inventory steps) {
    Map<String, Double> millis = new HashMap<>();
    for (var record : steps.records()) {
      RunView run = new RunView(record);
      if (run.status() == Status.REFUSED) continue;
      if (!run.isComplete()) return Optional.empty();
      millis.put(run.arm(), run.value(Measures.STEP_TIME));
    }
    boolean all = steps.missing().isEmpty() && millis.containsKey(recipe.control().name());
    return all ? Optional.of(new StepTimes(millis)) : Optional.empty();
  }

  /** A recipe whose arms take as many steps as take the time of the control's. */
  public AblationRecipe fix(RecipeFile file, AblationRecipe recipe) {
    return file.using("training", () -> recipe.withEqual(this::of));
  }

  private OptionalDouble of(Arm arm) {
    Double found = millis.get(arm.name());
    return found == null ? OptionalDouble.empty() : OptionalDouble.of(found);
  }
}
