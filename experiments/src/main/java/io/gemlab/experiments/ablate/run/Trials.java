package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.record.RunRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What the runs say that arms are tuned by.
 *
 * @param byArm the trials of each arm by its name, by ascending rate
 */
public record Trials(Map<String, List<Trial>> byArm) {

  /** Those of a study's records. */
  public static Trials of(AblationRecipe recipe, Collection<RunRecord> records) {
    AblationRuns runs = new AblationRuns(recipe);
    Map<String, RunView> byId =
        records.stream().map(RunView::new).collect(Collectors.toMap(RunView::id, run -> run));
    Map<String, List<Trial>> byArm = new LinkedHashMap<>();
    for (Arm arm : recipe.arms()) {
      List<Trial> trials = new ArrayList<>();
      for (Arm at : runs.tried(arm)) trials.add(trial(at, runs.tuning(at), byId));
      byArm.put(arm.name(), trials);
    }
    return new Trials(byArm);
  }

  private static Trial trial(Arm at, List<Run> runs, Map<String, RunView> byId) {
    List<RunView> made =
        runs.stream().map(run -> byId.get(run.id())).filter(Objects::nonNull).toList();
    return new Trial(
        at.training().schedule().learningRate().peak(),
        runs.size(),
        (int) made.stream().filter(RunView::isDiverged).count(),
        made.stream()
            .filter(RunView::isComplete)
            .map(run -> run.value(Measures.VALIDATION_LOSS))
            .toList());
  }

  /** The learning rate of each arm that has one, by its name. */
  public Map<String, Double> chosen() {
    Map<String, Double> chosen = new HashMap<>();
    byArm.forEach(
        (arm, trials) ->
            Trial.best(trials).ifPresent(best -> chosen.put(arm, best.learningRate())));
    return chosen;
  }
}
