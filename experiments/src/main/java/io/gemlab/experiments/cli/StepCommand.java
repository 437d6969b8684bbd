package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.MemoryOptions;
import io.gemlab.experiments.cli.option.ModelOptions;
import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.terminal.Progress;
import io.gemlab.experiments.crosscheck.RunListener;
import io.gemlab.experiments.crosscheck.StepRun;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.TensorInfo;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.train.AdamW;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab step}: AdamW steps on one batch, to compare with another framework's. */
@Command(
    name = "step",
    description = {
      "Take AdamW steps on one batch and write the checkpoint that comes out, and step.json:"
          + " {\"losses\": [before each step, ..., after the last]}.",
      "All tensors decay, nothing is clipped, the learning rate is constant, weights and moments"
          + " are float32. Labels of padding and of the first real token of a left-padded row are"
          + " left out."
    })
final class StepCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions model;
  @Mixin private MemoryOptions memory;

  @Option(
      names = "--steps",
      required = true,
      paramLabel = "N",
      description = "How many steps; 0 measures the loss only.")
  private int steps;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the checkpoint; new or empty.")
  private Path out;

  @Option(
      names = "--learning-rate",
      defaultValue = "1e-3",
      description = "Default: ${DEFAULT-VALUE}.")
  private double learningRate;

  @Option(names = "--beta1", defaultValue = "0.9", description = "Default: ${DEFAULT-VALUE}.")
  private double beta1;

  @Option(names = "--beta2", defaultValue = "0.95", description = "Default: ${DEFAULT-VALUE}.")
  private double beta2;

  @Option(names = "--epsilon", defaultValue = "1e-8", description = "Default: ${DEFAULT-VALUE}.")
  private double epsilon;

  @Option(
      names = "--weight-decay",
      defaultValue = "0.01",
      description = "Default: ${DEFAULT-VALUE}.")
  private double weightDecay;

  @Option(
      names = "--gradients",
      paramLabel = "FILE.safetensors",
      description = "Write the first step's gradients, by the weights' names.")
  private Path gradients;

  /** Weights are written in float32, whatever they are stored in. */
  private long checkpointBytes() {
    try (HfCheckpoint weights = HfCheckpoint.open(model.checkpoint)) {
      return weights.tensors().values().stream().mapToLong(TensorInfo::elements).sum()
          * ElementType.F32.byteSize();
    }
  }

  @Override
  public Integer call() {
    if (steps < 0) throw new InvalidInput("--steps is " + steps + "; give 0 or more");
    if (gradients != null) OutputFile.requireWritable("--gradients", gradients);
    OutputFile.requireFolder("--out", out);
    OutputFile.requireSpace("--out", out, checkpointBytes());
    StepRun run =
        new StepRun(
            model.checkpoint,
            model.ids,
            model.choice(spec.commandLine().getErr()),
            steps,
            learningRate,
            new AdamW(beta1, beta2, epsilon, weightDecay));
    try (Progress progress = Progress.of("steps", steps)) {
      StepRun.Outcome outcome = run.write(out, Optional.ofNullable(gradients), listener(progress));
      ModelOptions.printExecution(
          spec.commandLine().getErr(), outcome.execution(), outcome.deviation());
      spec.commandLine().getOut().printf("%s: losses %s%n", out, outcome.losses());
    }
    return 0;
  }

  private RunListener listener(Progress progress) {
    return new RunListener() {
      @Override
      public void caution(String what) {
        ModelOptions.caution(spec.commandLine().getErr(), what);
      }

      @Override
      public void loaded(long parameters, long all) {
        progress.now(parameters < all ? "loading, %d %%".formatted(100 * parameters / all) : "");
      }

      @Override
      public void traced(MemoryNeed need, ExecutionPath path, TokenBatch batch) {
        String what =
            "a training step of %s, %d x %d tokens,"
                .formatted(model.checkpoint, batch.rows(), batch.length());
        memory.require(what, need, batch.rows(), path);
      }

      @Override
      public void stepped(int steps) {
        progress.at(steps);
      }
    };
  }
}
