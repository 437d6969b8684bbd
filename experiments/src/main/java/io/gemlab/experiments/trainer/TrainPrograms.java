package io.gemlab.experiments.trainer;

import io.gemlab.graph.base.batch.Share;
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
  private static final String REDUCE = "reduce";
  private static final String UPDATE = "update";
  private static final String DIAGNOSED = "_diagnosed";

  /**
   * Traces a recipe's programs.
   *
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if the model can't be run as asked
   */
  static TrainPrograms of(TrainRecipe recipe) {
    return of(recipe, Share.WHOLE);
  }

  /**
   * Traces the programs of one of those who share a recipe's steps.
   *
   * @param share what it computes of each batch
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if the model can't be run as asked
   */
  static TrainPrograms of(TrainRecipe recipe, Share share) {
    Gemma2Model<?> model = recipe.trained();
    Parameters parameters = recipe.parameters();
    TrainStep<?> train = train(recipe, recipe.loss(), share);
    boolean diagnoses = recipe.method().diagnoseEvery() > 0;
    StepFunctions step = step(recipe, train, share, "", Report.PLAIN);
    return new TrainPrograms(
        parameters,
        step,
        diagnoses ? Optional.of(diagnosed(recipe, train, step)) : Optional.empty(),
        diagnoses
            ? Optional.of(attention(model, parameters, recipe.microBatch()))
            : Optional.empty(),
        train(recipe, recipe.method().loss(), share).traceLoss("loss"));
  }

  /**
   * What every step of a recipe calls, alone.
   *
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if the model can't be run as asked
   */
  static StepFunctions step(TrainRecipe recipe) {
    TrainStep<?> train = train(recipe, recipe.loss(), Share.WHOLE);
    return step(recipe, train, Share.WHOLE, "", Report.PLAIN);
  }

  private static TrainStep<?> train(TrainRecipe recipe, TrainingLoss loss, Share share) {
    TrainingLoss.BatchShape all = recipe.microBatch();
    TrainingLoss.BatchShape part =
        new TrainingLoss.BatchShape(
            share.rows(all.batchSize()), all.sequenceLength(), all.packing());
    return new TrainStep<>(recipe.trained(), recipe.parameters(), part, loss);
  }

  private static GraphFunction attention(
      Gemma2Model<?> model, Parameters parameters, TrainingLoss.BatchShape size) {
    return new AttentionPass<>(
            model, parameters, size.batchSize(), size.sequenceLength(), size.packing())
        .trace("attention");
  }

  private static StepFunctions step(
      TrainRecipe recipe, TrainStep<?> train, Share share, String suffix, Report report) {
    TrainStep.Optimizer optimizer = recipe.update();
    if (share.count() > 1) {
      boolean only = recipe.accumulation() == 1;
      return new StepFunctions.Shared(
          only
              ? Optional.empty()
              : Optional.of(train.traceAccumulate(ACCUMULATE + suffix, optimizer)),
          train.traceReduce(REDUCE + suffix, optimizer, share.count(), only),
          train.traceUpdate(UPDATE + suffix, optimizer, report));
    }
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
      case StepFunctions.Whole _ ->
          step(recipe, train, Share.WHOLE, DIAGNOSED, Report.LOST_UPDATES);
      case StepFunctions.Accumulating(var accumulate, var _) ->
          new StepFunctions.Accumulating(accumulate, diagnosedUpdate(recipe, train));
      case StepFunctions.Shared(var accumulate, var reduce, var _) ->
          new StepFunctions.Shared(accumulate, reduce, diagnosedUpdate(recipe, train));
    };
  }

  private static GraphFunction diagnosedUpdate(TrainRecipe recipe, TrainStep<?> train) {
    return train.traceUpdate(UPDATE + DIAGNOSED, recipe.update(), Report.LOST_UPDATES);
  }

  /**
   * The functions of a step.
   *
   * @param number of the step, from 0
   * @param every steps from one that is looked into to the next; 0 for none
   */
  StepFunctions step(long number, int every) {
    return every > 0 && (number + 1) % every == 0 ? diagnosed.orElseThrow() : step;
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
    List<GraphFunction> all = new ArrayList<>(steps());
    attention.ifPresent(all::add);
    all.add(loss);
    return all;
  }

  /** What a path has to load that only takes steps. */
  List<GraphFunction> steps() {
    List<GraphFunction> all = new ArrayList<>(step.all());
    diagnosed.ifPresent(
        functions -> functions.all().stream().filter(one -> !all.contains(one)).forEach(all::add));
    return all;
  }
}
