package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.ops.Precision;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the training steps of an ablation need, before the first of them: those of the largest arm
 * of each attention, as they are trained and at the longest length that they are timed at.
 */
record StepNeeds(AblationRecipe recipe) {

  List<Ablation.Need> needs() {
    List<Ablation.Need> needs = new ArrayList<>();
    recipe
        .training()
        .ifPresent(
            _ ->
                largest(recipe.arms())
                    .forEach(
                        arm ->
                            add(
                                needs,
                                arm,
                                arm.training().precision(),
                                new BatchShape(
                                    arm.training().data().batch(), arm.training().data().length()),
                                List.of(arm.training().path().path()))));
    recipe
        .timing()
        .ifPresent(
            what ->
                largest(what.arms().stream().map(recipe::arm).toList())
                    .forEach(
                        arm ->
                            add(
                                needs,
                                arm,
                                what.precision(),
                                new BatchShape(what.batch(), Collections.max(what.lengths())),
                                what.paths())));
    return needs;
  }

  private static Collection<Arm> largest(List<Arm> arms) {
    return arms.stream()
        .collect(
            Collectors.toMap(
                arm -> arm.model().ops().attention().label(),
                Function.identity(),
                BinaryOperator.maxBy(
                    Comparator.comparingLong(arm -> WeightSpec.parameters(arm.config())))))
        .values();
  }

  private static void add(
      List<Ablation.Need> needs,
      Arm arm,
      Precision precision,
      BatchShape size,
      List<ExecutionPath> paths) {
    try {
      MemoryNeed need = MemoryNeed.of(ModelProgram.TRAIN.trace(arm.in(precision), size));
      String what =
          "a training step of arm %s, %d x %d tokens,"
              .formatted(arm.name(), size.batchSize(), size.sequenceLength());
      for (ExecutionPath path : paths) {
        needs.add(new Ablation.Need(what, need, size.batchSize(), path));
      }
    } catch (UnsupportedChoiceException refused) {
      // It will be recorded as refused, and needs nothing.
    }
  }
}
