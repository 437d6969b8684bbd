package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.RecipeFile;
import io.gemlab.experiments.run.Inventory;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.record.RunRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How long a training step of each arm takes, as the records of a study say.
 *
 * @param millis by the arm's name; none of an arm that can't be run or was not measured yet
 * @param isWhole whether each arm's step was measured or refused
 */
public record StepTimes(Map<String, Double> millis, boolean isWhole) {
  public StepTimes {
    millis = Map.copyOf(millis);
  }

  /** Those of a study. */
  public static StepTimes of(Inventory steps) {
    Map<String, Double> millis = new HashMap<>();
    for (RunRecord record : steps.records()) {
      RunView run = new RunView(record);
      if (run.isComplete()) millis.put(run.arm(), run.value(Measures.STEP_TIME));
    }
    return new StepTimes(millis, steps.isWhole());
  }

  /**
   * A recipe whose arms take as many steps as take the time of the control's; those of an arm whose
   * time is not known are the control's.
   */
  public AblationRecipe fix(RecipeFile file, AblationRecipe recipe) {
    return file.using("training", () -> recipe.withEqual(this::of));
  }

  private OptionalDouble of(Arm arm) {
    Double found = millis.get(arm.name());
    return found == null ? OptionalDouble.empty() : OptionalDouble.of(found);
  }
}
