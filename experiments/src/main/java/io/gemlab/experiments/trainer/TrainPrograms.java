package io.gemlab.experiments.trainer;

import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.AttentionPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.StepFunctions;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainStep.Report;
import io.gemlab.graph.train.TrainingLoss;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a run's model is traced as; all of it shares its state.
 *
 * @param parameters how weights are stored
 * @param step of every step
 * @param diagnosed of a step that is looked into; empty where none is
 * @param attention the attention scores of a batch; empty where none are looked at
 * @param loss of a validation batch: cross-entropy of the next token, whatever is trained on
 */
record TrainPrograms(
    Parameters parameters,
    StepFunctions step,
    Optional<StepFunctions> diagnosed,
    Optional<GraphFunction> attention,
    GraphFunction loss) {
  private static final String STEP = "step";
  private static final String ACCUMULATE = "accumulate";
  private static final String UPDATE = "update";
  private static final String DIAGNOSED = "_diagnosed";

  /**
   * Traces a recipe's programs.
   *
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if the model can't be run as asked
   */
  static TrainPrograms of(TrainRecipe recipe) {
    Gemma2Model<?> model = recipe.trained();
    Parameters parameters = recipe.parameters();
    TrainingLoss.BatchShape size = recipe.microBatch();
    TrainStep<?> train = train(recipe);
    boolean diagnoses = recipe.method().diagnoseEvery() > 0;
    StepFunctions step = step(recipe, train, "", Report.PLAIN);
    return new TrainPrograms(
        parameters,
        step,
        diagnoses ? Optional.of(diagnosed(recipe, train, step)) : Optional.empty(),
        diagnoses ? Optional.of(attention(model, parameters, size)) : Optional.empty(),
        train(recipe, recipe.method().loss()).traceLoss("loss"));
  }

  /**
   * What every step of a recipe calls, alone.
   *
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if the model can't be run as asked
   */
  static StepFunctions step(TrainRecipe recipe) {
    return step(recipe, train(recipe), "", Report.PLAIN);
  }

  private static TrainStep<?> train(TrainRecipe recipe) {
    return train(recipe, recipe.loss());
  }

  private static TrainStep<?> train(TrainRecipe recipe, TrainingLoss loss) {
    return new TrainStep<>(recipe.trained(), recipe.parameters(), recipe.microBatch(), loss);
  }

  private static GraphFunction attention(
      Gemma2Model<?> model, Parameters parameters, TrainingLoss.BatchShape size) {
    return new AttentionPass<>(
            model, parameters, size.batchSize(), size.sequenceLength(), size.packing())
        .trace("attention");
  }

  private static StepFunctions step(
      TrainRecipe recipe, TrainStep<?> train, String suffix, Report report) {
    TrainStep.Optimizer optimizer = recipe.update();
    if (recipe.accumulation() == 1) {
      return new StepFunctions.Whole(train.trace(STEP + suffix, optimizer, report));
    }
    return new StepFunctions.Accumulating(
        train.traceAccumulate(ACCUMULATE + suffix, optimizer),
        train.traceUpdate(UPDATE + suffix, optimizer, report));
  }

  /** Of several micro-batches only the update tells more. */
  private static StepFunctions diagnosed(
      TrainRecipe recipe, TrainStep<?> train, StepFunctions step) {
    return switch (step) {
      case StepFunctions.Whole _ -> step(recipe, train, DIAGNOSED, Report.LOST_UPDATES);
      case StepFunctions.Accumulating(var accumulate, var _) ->
          new StepFunctions.Accumulating(
              accumulate,
              train.traceUpdate(UPDATE + DIAGNOSED, recipe.update(), Report.LOST_UPDATES));
    };
  }

  /** The state that a run keeps on disk: all that it goes on from but what is frozen. */
  List<TensorSpec> kept() {
    Set<TensorSpec> frozen =
        parameters.frozen().stream()
            .flatMap(parameter -> parameter.states().stream())
            .collect(Collectors.toSet());
    return step.kept().stream().filter(state -> !frozen.contains(state)).toList();
  }

  /** What a path has to load. */
  List<GraphFunction> all() {
    List<GraphFunction> all = new ArrayList<>(step.all());
    diagnosed.ifPresent(
        functions -> functions.all().stream().filter(one -> !all.contains(one)).forEach(all::add));
    attention.ifPresent(all::add);
    all.add(loss);
    return all;
  }
}
