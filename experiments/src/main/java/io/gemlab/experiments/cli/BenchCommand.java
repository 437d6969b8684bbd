package io.gemlab.experiments.cli;

import io.gemlab.experiments.bench.BenchOutcome;
import io.gemlab.experiments.bench.BenchPlan;
import io.gemlab.experiments.bench.BenchRun;
import io.gemlab.experiments.bench.ModelSource;
import io.gemlab.experiments.choice.Choices;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.train.TrainingLoss;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab bench}: a performance report. */
@Command(
    name = "bench",
    description = {
      "Time the forward pass and the training step of a model on each path, and write a report:"
          + " time, tokens/s, the fraction of the machine's matrix-product rate, memory, and where"
          + " the time goes."
    })
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ArgGroup private Source source = new Source();

  /** Where the sizes come from. */
  private static final class Source {
    @Option(
        names = "--preset",
        paramLabel = "NAME",
        description = "A built-in model. Default: ablation.")
    private String preset = "ablation";

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "The config.json of a Hugging Face folder instead.")
    private Path config;

    ModelSource model() {
      return config == null ? ModelSource.preset(preset) : ModelSource.file(config);
    }
  }

  @Option(
      names = "--path",
      split = ",",
      defaultValue = "eager,graph,clustered,fused",
      paramLabel = "PATH",
      description = "Paths to compare, with commas between. Default: ${DEFAULT-VALUE}.")
  private List<String> paths;

  @Option(
      names = "--attention",
      defaultValue = "eager",
      paramLabel = "KIND",
      description = "eager, sdpa or blockwise. Default: ${DEFAULT-VALUE}.")
  private String attention;

  @Option(
      names = "--allow-deviation",
      description = "Let sdpa drop the attention's cap, and say so.")
  private boolean allowDeviation;

  @Option(
      names = "--dtype",
      defaultValue = "bfloat16",
      paramLabel = "TYPE",
      description = "float32, bfloat16 or float16, to compute in. Default: ${DEFAULT-VALUE}.")
  private String dtype;

  @Option(
      names = "--batch",
      defaultValue = "4",
      paramLabel = "N",
      description = "Rows of tokens. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--length",
      defaultValue = "512",
      paramLabel = "N",
      description = "Tokens in a row. Default: ${DEFAULT-VALUE}.")
  private int length;

  @Option(
      names = "--samples",
      defaultValue = "10",
      paramLabel = "N",
      description = "Calls timed of each program on each path. Default: ${DEFAULT-VALUE}.")
  private int samples;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the report, new or empty. Default: out/bench-<time>.")
  private Path out;

  @Override
  public Integer call() throws InterruptedException {
    BenchPlan plan =
        new BenchPlan(
            source.model(),
            new OpChoice(Choices.attention(attention), allowDeviation),
            Choices.precision(dtype),
            new TrainingLoss.Batch(batch, length),
            paths.stream().map(Choices::path).toList(),
            samples);
    Path folder = OutputFolder.ready(out, "bench");
    BenchRun run = new BenchRun(plan, Origin.of(spec.commandLine()));
    BenchOutcome outcome;
    try (Progress progress = Progress.of("bench", run.cells())) {
      outcome = run.run(new Steps(progress));
      progress.at(run.cells());
    }
    spec.commandLine().getOut().println("report: " + outcome.write(folder).html());
    return outcome.anyFailed() ? 1 : 0;
  }
}
