package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.program.ProgramNeeds;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.ops.Precision;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What the training steps of an ablation need of memory: of each arm as it is trained, and as it is
 * timed at the longest length. Nothing else that an ablation runs needs more.
 *
 * @param traced keeps what was found, for whoever starts processes for the same programs
 */
public record StepNeeds(AblationRecipe recipe, ProgramNeeds traced) {

  /**
   * The step of an arm.
   *
   * @param what it is, for people
   * @param rows of its batch
   * @param paths that it runs on
   * @param memory that it needs; empty where it is refused
   * @param refusal why; empty where it is not
   */
  public record Step(
      String what,
      int rows,
      List<ExecutionPath> paths,
      Optional<MemoryNeed> memory,
      String refusal) {}

  public List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    recipe.training().ifPresent(_ -> recipe.arms().forEach(arm -> steps.add(trained(arm))));
    recipe
        .timing()
        .ifPresent(
            timing -> timing.arms().forEach(name -> steps.add(timed(recipe.arm(name), timing))));
    return steps;
  }

  private Step trained(Arm arm) {
    AblationRecipe.Training training = arm.training();
    return step(
        "the training step of %s",
        arm,
        training.precision(),
        new BatchShape(training.data().batch(), training.data().length()),
        List.of(training.path().path()));
  }

  private Step timed(Arm arm, AblationRecipe.Timing timing) {
    return step(
        "the timed training step of %s",
        arm,
        timing.precision(),
        new BatchShape(timing.batch(), Collections.max(timing.lengths())),
        timing.paths());
  }

  private Step step(
      String name, Arm arm, Precision precision, BatchShape size, List<ExecutionPath> paths) {
    String what =
        (name + ", %d x %d tokens").formatted(arm.name(), size.batchSize(), size.sequenceLength());
    ModelSpec model = arm.model().withPrecision(precision);
    try {
      MemoryNeed need = traced.of(ModelProgram.TRAIN, model, size);
      return new Step(what, size.batchSize(), paths, Optional.of(need), "");
    } catch (UnsupportedChoiceException refusal) {
      return new Step(what, size.batchSize(), paths, Optional.empty(), refusal.getMessage());
    }
  }
}
