package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.AblationRecipe.Timing;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.run.Records;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.process.ProcessMemory;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.record.RunRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Time and memory of one arm on one path at one length, measured in this process.
 *
 * @param arm the arm
 * @param path the path's name
 * @param length tokens a sequence
 */
record TimingCell(Arm arm, String path, int length) {
  static final String FORWARD_TIME = "forward time";
  static final String STEP_TIME = "training step time";
  static final String FORWARD_MEMORY = "forward memory";
  static final String STEP_MEMORY = "training step memory";

  private static final String FORWARD = "forward";
  private static final String STEP = "step";
  private static final int WARM_UP = 2;
  private static final long WEIGHTS_SEED = 1;

  /**
   * Measures; answers a record's measurements and execution, and nothing else of it.
   *
   * @param start bytes resident when the process began; memory counts from there
   */
  RunRecord measure(AblationRecipe recipe, long start) {
    Timing timing = recipe.timing().orElseThrow();
    Gemma2Config config = recipe.modelConfig(arm);
    Gemma2Model<?> model =
        new Gemma2Model<>(config, recipe.ops(arm), Choices.precision(timing.dtype()).type());
    TokenBatch tokens = tokens(config, timing.batch());
    RunRecord.Builder record = RunRecord.newBuilder();

    GraphFunction forward =
        new ForwardPass<>(model, timing.batch(), length)
            .trace(FORWARD, ForwardPass.Returns.LOGITS_ONLY);
    try (Executable executable = Choices.path(path).load(List.of(forward))) {
      ModelWeights.initialize(model, WEIGHTS_SEED, executable, Tensors.elementType(model.type()));
      measure(
          record,
          executable,
          FORWARD,
          start,
          tokens.arguments(),
          timing.samples(),
          FORWARD_TIME,
          FORWARD_MEMORY);
    }
    GraphFunction step =
        new TrainStep<>(
                model, new TrainingLoss.BatchShape(timing.batch(), length), new NextTokenLoss())
            .trace(
                STEP,
                new TrainStep.Optimizer(
                    new AdamW(0.9, 0.95, 1e-8, 0.1),
                    LearningRate.constant(1e-4),
                    OptionalDouble.of(1)));
    try (Executable executable = Choices.path(path).load(List.of(step))) {
      ModelWeights.initialize(model, WEIGHTS_SEED, executable, ElementType.F32);
      TrainStep.resetOptimizer(step, executable);
      measure(
          record,
          executable,
          STEP,
          start,
          LabelledBatch.withinRows(tokens).arguments(),
          timing.samples(),
          STEP_TIME,
          STEP_MEMORY);
      record.setExecution(Records.execution(path, executable.report(STEP)));
    }
    return record.buildPartial();
  }

  private void measure(
      RunRecord.Builder record,
      Executable executable,
      String function,
      long start,
      Map<String, HostTensor> arguments,
      int samples,
      String time,
      String memory) {
    for (int i = 1; i < WARM_UP; i++) executable.run(function, arguments).close();
    try (Results results = executable.run(function, arguments)) {
      results.requireFinite(); // a program of NaN may take another time
    }
    ProcessMemory.resetPeak(); // what compiling took is not what running takes
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      long begin = System.nanoTime();
      executable.run(function, arguments).close();
      millis.add((System.nanoTime() - begin) / 1e6);
    }
    record.addMeasurements(Records.times(time, millis));
    if (ProcessMemory.peak().isPresent()) {
      record.addMeasurements(
          Records.measurement(
              memory,
              "MiB",
              (ProcessMemory.peak().getAsLong() - start) / (double) (1 << 20),
              Measurement.Better.LOWER));
    }
  }

  private TokenBatch tokens(Gemma2Config config, int rows) {
    return TokenBatch.random(length, rows, length, config.vocabSize());
  }
}
