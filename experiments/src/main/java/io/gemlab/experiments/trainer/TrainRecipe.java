package io.gemlab.experiments.trainer;

import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.experiments.recipe.OptimizerSpec;
import io.gemlab.experiments.recipe.PathChoice;
import io.gemlab.experiments.recipe.Require;
import io.gemlab.experiments.recipe.RowsSpec;
import io.gemlab.experiments.recipe.ScheduleSpec;
import io.gemlab.experiments.recipe.ValidationSpec;
import io.gemlab.experiments.train.TrainingInput;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.text.ShuffledBatches;
import io.gemlab.graph.decode.Sampling;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.gemma2.Trainable;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a training run does. Every number that shapes it is here.
 *
 * @param name of the run, in its report
 * @param model what is trained, in the type computed in
 * @param adapter what is trained instead of the model's own weights; empty for these
 * @param begin where its first weights come from
 * @param data what it trains on
 * @param rows how that becomes rows, and their order
 * @param accumulation how many micro-batches a step's batch is cut into, each of as many rows
 * @param path where it runs
 * @param schedule how long, and the learning rate
 * @param optimizer how gradients change weights
 * @param method how else it is trained
 * @param validation what is measured
 * @param checkpoints what is kept, and how often
 * @param samples text that is generated at each point of the validation curve
 */
record TrainRecipe(
    String name,
    ModelSpec model,
    Optional<AdapterSpec> adapter,
    Begin begin,
    DataSpec data,
    RowsSpec rows,
    int accumulation,
    PathChoice path,
    ScheduleSpec schedule,
    OptimizerSpec optimizer,
    Method method,
    ValidationSpec validation,
    Checkpointing checkpoints,
    Samples samples) {

  TrainRecipe {
    Require.positive("accumulate", accumulation);
    if (data.batch() % accumulation != 0) {
      throw new InvalidInput(
          "batch is %d and accumulate %d; give a batch that is a multiple of it"
              .formatted(data.batch(), accumulation));
    }
    if (!samples.prompts().isEmpty() && model.depth().layers() == Depth.Layers.SCANNED) {
      throw new InvalidInput(
          "samples.prompts has texts and layers is scanned, which can't generate; give layers: unrolled or no prompts");
    }
    adapter.ifPresent(spec -> requireAdaptable(spec, begin, method, samples));
    path.requireFits(model.config(), data.batch() / accumulation);
  }

  private static void requireAdaptable(
      AdapterSpec adapter, Begin begin, Method method, Samples samples) {
    if (begin.checkpoint().isEmpty()) {
      throw new InvalidInput(
          "lora.rank is %d and the model begins with fresh weights; give the checkpoint that the adapter is of"
              .formatted(adapter.lora().rank()));
    }
    if (method.weights() != ElementType.F32) {
      throw new InvalidInput(
          "lora.rank is %d and weights_dtype %s, but adapters are float32; give float32, and base_dtype for the rest"
              .formatted(adapter.lora().rank(), method.weights().label()));
    }
    if (!samples.prompts().isEmpty() && adapter.base() == AdapterSpec.Base.BFLOAT16) {
      throw new InvalidInput(
          "samples.prompts has texts and lora.base_dtype is bfloat16 beside a float32 adapter, which can't generate; give samples.prompts: [] or another base_dtype");
    }
  }

  /**
   * Where the first weights come from.
   *
   * @param checkpoint a Hugging Face folder; empty for fresh weights
   * @param seed of fresh weights
   * @param initializerRange the standard deviation of fresh weights
   */
  record Begin(Optional<Path> checkpoint, long seed, double initializerRange) {
    Begin {
      Require.positive("initializer_range", initializerRange);
    }
  }

  /**
   * What is kept of a run.
   *
   * @param every steps from one checkpoint to the next; the last step has one too
   * @param keep how many of the newest stay
   * @param stored the type of the weights in them; masters are float32 beside
   */
  record Checkpointing(int every, int keep, ElementType stored) {
    Checkpointing {
      Require.positive("every", every);
      Require.positive("keep", keep);
    }
  }

  /**
   * Text that shows what the model has learned.
   *
   * @param prompts what each begins with; none for no samples
   * @param newTokens tokens at most after each
   * @param sampling how they are drawn
   */
  record Samples(List<String> prompts, int newTokens, Sampling sampling) {
    Samples {
      prompts = List.copyOf(prompts);
      Require.positive("new_tokens", newTokens);
    }
  }

  /** Steps of the run. */
  int steps() {
    return schedule.steps();
  }

  /**
   * Reads its data.
   *
   * @throws InvalidInput if it can't be read or trained on
   */
  TrainingInput openInput() {
    return TrainingInput.open(data, rows, validation.fraction(), model.config());
  }

  /** The batch of each step. */
  ShuffledBatches batches(TrainingInput input) {
    return new ShuffledBatches(input.training(), data.batch(), rows.shuffleSeed());
  }

  /** The size of a micro-batch. */
  TrainingLoss.BatchShape microBatch() {
    return new TrainingLoss.BatchShape(
        data.batch() / accumulation, data.length(), rows.rows().packing());
  }

  /** What a training step is traced with. */
  TrainStep.Optimizer update() {
    return method.optimizer(optimizer, schedule, model.precision());
  }

  /** How its weights are stored. */
  Parameters parameters() {
    return adapter
        .map(
            spec ->
                Parameters.of(trained(), Trainable.ADAPTER, method.weights(), spec.base().stored))
        .orElseGet(
            () -> Parameters.of(trained(), Trainable.ALL, method.weights(), method.weights()));
  }

  /** The model that is trained, with its adapter. */
  Gemma2Model<?> trained() {
    return with(adapter, model.model());
  }

  /** A model with a recipe's adapter where there is one. */
  static Gemma2Model<?> with(Optional<AdapterSpec> adapter, Gemma2Model<?> model) {
    return adapter.isPresent() ? model.with(adapter.get().lora()) : model;
  }
}
