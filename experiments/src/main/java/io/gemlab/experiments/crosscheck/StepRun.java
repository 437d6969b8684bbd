package io.gemlab.experiments.crosscheck;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.batch.TokenFile;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.files.WholeFolder;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.Precision;
import io.gemlab.ops.choice.Deviation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * AdamW steps on one batch: decay on all tensors, no clipping, a constant learning rate, weights
 * and moments in float32.
 *
 * @param checkpoint a Hugging Face folder
 * @param ids an {@link TokenFile}
 * @param choice how to run it
 * @param steps N, 0 or more
 * @param learningRate of every step
 * @param adamW the rule
 */
public record StepRun(
    Path checkpoint, Path ids, ModelChoice choice, int steps, double learningRate, AdamW adamW) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String LOG = "step.json";
  private static final String STEP = "step";
  private static final String LOSS = "loss";
  private static final String GRADIENTS = "gradients";

  /**
   * What came out.
   *
   * @param losses before each step, and after the last
   * @param execution what the path made of the step; of the loss where there was no step
   * @param deviation what ran otherwise than the checkpoint asks
   */
  public record Outcome(
      List<Float> losses, ExecutionReport execution, Optional<Deviation> deviation) {}

  /**
   * Runs the steps.
   *
   * <p>Where they diverge, {@code folder} gets {@code step.json} alone: the losses so far, and null
   * where the last is no number.
   *
   * @param folder where the stepped weights (float32) and {@code step.json} go, whole or not at all
   * @param gradients where the first step's gradients go, if anywhere
   * @param listener told the weights loaded, the steps done, and what to mind
   * @throws InvalidInput if no token of the batch is to be learnt from
   * @throws NotFiniteException if a loss, a gradient, a weight or a moment is NaN or infinite
   */
  public Outcome write(Path folder, Optional<Path> gradients, RunListener listener) {
    WholeFolder.requireFree(folder);
    try (HfCheckpoint weights = HfCheckpoint.open(checkpoint)) {
      Gemma2Model<?> model = choice.model(weights);
      TokenBatch batch = TokenFile.read(ids, model.config().vocabSize());
      model.config().caution(batch.length()).ifPresent(listener::caution);
      Map<String, HostTensor> arguments =
          LabelledBatch.withinRows(batch).requireScored().arguments();
      TrainStep<?> training =
          new TrainStep<>(
              model,
              new TrainingLoss.BatchShape(batch.rows(), batch.length()),
              new NextTokenLoss());
      GraphFunction step = step(training);
      List<GraphFunction> functions = new ArrayList<>(List.of(step, training.traceLoss(LOSS)));
      if (gradients.isPresent()) functions.add(training.traceGradients(GRADIENTS));
      listener.traced(MemoryNeed.of(step), choice.options().path(), batch);
      try (Executable executable = choice.options().path().load(functions)) {
        ModelWeights.load(weights, model, executable, ElementType.F32, listener);
        TrainStep.resetOptimizer(step, executable);
        if (gradients.isPresent()) writeGradients(executable, arguments, gradients.get());
        List<Float> losses = new ArrayList<>();
        try {
          run(executable, arguments, losses, listener);
          TrainStep.requireFinite(step, executable);
        } catch (NotFiniteException e) {
          throw diverged(e, losses, folder);
        }
        save(executable, model, weights, losses, folder);
        return new Outcome(losses, executable.report(steps > 0 ? STEP : LOSS), model.deviation());
      }
    }
  }

  private GraphFunction step(TrainStep<?> training) {
    return training.trace(
        STEP,
        new TrainStep.Optimizer(
            adamW, LearningRate.constant(learningRate), OptionalDouble.empty()));
  }

  private static void writeGradients(
      Executable executable, Map<String, HostTensor> arguments, Path file) {
    try (Results results = executable.run(GRADIENTS, arguments)) {
      results.requireFinite();
      Map<String, HostTensor> gradients = new HashMap<>(results.tensors());
      gradients.remove(TrainStep.LOSS);
      LogitsRun.write(file, new Results(gradients));
    }
  }

  private void run(
      Executable executable,
      Map<String, HostTensor> arguments,
      List<Float> losses,
      RunListener listener) {
    for (int step = 0; step < steps; step++) {
      add(losses, executable, STEP, arguments);
      listener.stepped(step + 1);
    }
    add(losses, executable, LOSS, arguments);
  }

  private static void add(
      List<Float> losses,
      Executable executable,
      String function,
      Map<String, HostTensor> arguments) {
    try (Results results = executable.run(function, arguments)) {
      losses.add(results.get(TrainStep.LOSS).item());
    }
    float loss = losses.getLast();
    if (!Float.isFinite(loss)) {
      throw new NotFiniteException(
          "the loss is " + loss + " after " + (losses.size() - 1) + " steps");
    }
  }

  /** Keeps the losses, and no weights: a checkpoint of NaN is none. */
  private NotFiniteException diverged(NotFiniteException found, List<Float> losses, Path folder) {
    try {
      Files.createDirectories(folder);
      WholeFile.write(folder.resolve(LOG), JSON.writeValueAsBytes(log(losses)));
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + LOG, e);
    }
    return new NotFiniteException(
        "the steps diverged: %s; %s has the losses, and no checkpoint was written; give a smaller --learning-rate%s"
            .formatted(
                found.getMessage(),
                folder.resolve(LOG),
                choice.options().precision() == Precision.FLOAT16 ? " or --dtype bfloat16" : ""));
  }

  /** JSON has no NaN. */
  private static Map<String, List<Float>> log(List<Float> losses) {
    List<Float> numbers = new ArrayList<>(losses);
    numbers.replaceAll(loss -> Float.isFinite(loss) ? loss : null);
    return Map.of("losses", numbers);
  }

  /** The log is among the checkpoint's files, so that both are there or neither. */
  private void save(
      Executable executable,
      Gemma2Model<?> model,
      HfCheckpoint source,
      List<Float> losses,
      Path folder) {
    Path beside = null;
    try {
      beside = Files.createTempDirectory("gemlab-step");
      Path log = beside.resolve(LOG);
      JSON.writeValue(log.toFile(), log(losses));
      CheckpointFiles files = source.files();
      Map<String, Path> companions = new HashMap<>(files.companions());
      companions.put(LOG, log);
      ModelWeights.save(
          executable,
          model,
          ElementType.F32,
          new CheckpointFiles(choice.json(source), files.generationConfig(), companions),
          folder);
      Files.delete(log);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + LOG, e);
    } finally {
      if (beside != null) beside.toFile().delete();
    }
  }
}
