package io.gemlab.experiments.conformance;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.graph.checkpoint.CheckpointFiles;
import io.gemlab.graph.checkpoint.HfCheckpoint;
import io.gemlab.graph.checkpoint.HfCheckpointWriter;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.ModelWeights;
import io.gemlab.graph.gemma2.TokenBatch;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.Results;
import io.gemlab.graph.tensor.ElementType;
import io.gemlab.graph.tensor.HostTensor;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
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
 * @param ids an {@link IdsFile}
 * @param choice how to run it
 * @param steps N, 0 or more
 * @param learningRate of every step
 * @param adamW the rule
 */
public record StepRun(
    Path checkpoint, Path ids, ModelChoice choice, int steps, double learningRate, AdamW adamW) {
  private static final JsonMapper JSON = new JsonMapper();
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
   * @param folder where the stepped weights (float32) and {@code step.json} go, whole or not at all
   * @param gradients where the first step's gradients go, if anywhere
   */
  public Outcome write(Path folder, Optional<Path> gradients, RunListener listener) {
    HfCheckpointWriter.requireFree(folder);
    try (HfCheckpoint weights = HfCheckpoint.open(checkpoint)) {
      Gemma2Model<?> model = choice.model(weights);
      TokenBatch batch = IdsFile.read(ids, model.config());
      model.config().caution(batch.length()).ifPresent(listener::caution);
      Map<String, HostTensor> arguments = new HashMap<>(batch.arguments());
      arguments.put(NextTokenLoss.LABELS, HostTensor.of(batch.labels()));
      try (Executable executable =
          choice.path().load(functions(model, batch, gradients.isPresent()))) {
        ModelWeights.load(weights, model, executable, ElementType.F32, listener);
        TrainStep.resetOptimizer(model, executable);
        if (gradients.isPresent()) writeGradients(executable, arguments, gradients.get());
        List<Float> losses = losses(executable, arguments, listener);
        save(executable, model, weights, losses, folder);
        return new Outcome(
            losses, executable.report(steps > 0 ? STEP : LOSS), ModelChoice.deviation(model));
      }
    }
  }

  private List<GraphFunction> functions(
      Gemma2Model<?> model, TokenBatch batch, boolean withGradients) {
    TrainStep<?> step =
        new TrainStep<>(
            model, new TrainingLoss.Batch(batch.rows(), batch.length()), new NextTokenLoss());
    List<GraphFunction> functions = new ArrayList<>();
    functions.add(
        step.trace(
            STEP,
            new TrainStep.Optimizer(
                adamW, LearningRate.constant(learningRate), OptionalDouble.empty())));
    functions.add(step.traceLoss(LOSS));
    if (withGradients) functions.add(step.traceGradients(GRADIENTS));
    return functions;
  }

  private static void writeGradients(
      Executable executable, Map<String, HostTensor> arguments, Path file) {
    try (Results results = executable.run(GRADIENTS, arguments)) {
      Map<String, HostTensor> gradients = new HashMap<>(results.tensors());
      gradients.remove(TrainStep.LOSS);
      LogitsRun.write(file, new Results(gradients));
    }
  }

  private List<Float> losses(
      Executable executable, Map<String, HostTensor> arguments, RunListener listener) {
    List<Float> losses = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      try (Results results = executable.run(STEP, arguments)) {
        losses.add(results.get(TrainStep.LOSS).item());
      }
      listener.stepped(step + 1);
    }
    try (Results results = executable.run(LOSS, arguments)) {
      losses.add(results.get(TrainStep.LOSS).item());
    }
    return losses;
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
      Path log = beside.resolve("step.json");
      JSON.writeValue(log.toFile(), Map.of("losses", losses));
      CheckpointFiles files = source.files();
      Map<String, Path> companions = new HashMap<>(files.companions());
      companions.put("step.json", log);
      ModelWeights.save(
          executable,
          model,
          ElementType.F32,
          new CheckpointFiles(choice.json(source), files.generationConfig(), companions),
          folder);
      Files.delete(log);
    } catch (IOException e) {
      throw new UncheckedIOException("writing step.json", e);
    } finally {
      if (beside != null) beside.toFile().delete();
    }
  }
}
