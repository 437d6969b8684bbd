package io.gemlab.experiments.cli;

import io.gemlab.experiments.bench.BenchOutcome;
import io.gemlab.experiments.bench.BenchPlan;
import io.gemlab.experiments.bench.BenchRun;
import io.gemlab.experiments.bench.GenerationReport;
import io.gemlab.experiments.bench.GenerationSpeed;
import io.gemlab.experiments.bench.against.Build;
import io.gemlab.experiments.bench.against.BuildComparison;
import io.gemlab.experiments.bench.against.BuildReport;
import io.gemlab.experiments.bench.jmh.BenchmarkedOp;
import io.gemlab.experiments.bench.jmh.OpPlan;
import io.gemlab.experiments.bench.jmh.OpSuite;
import io.gemlab.experiments.cli.option.AttentionOptions;
import io.gemlab.experiments.cli.option.Flags;
import io.gemlab.experiments.cli.option.MemoryOptions;
import io.gemlab.experiments.cli.option.ModelSourceOptions;
import io.gemlab.experiments.cli.option.OutputFolder;
import io.gemlab.experiments.cli.option.ProductsOption;
import io.gemlab.experiments.cli.option.QuantizeOption;
import io.gemlab.experiments.cli.terminal.Progress;
import io.gemlab.experiments.cli.terminal.StepProgress;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.ModelSource;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.experiments.run.DeviceProbe;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.train.TrainingLoss;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab bench}: a performance report. */
@Command(
    name = "bench",
    description = {
      "Time the forward pass and the training step of a model on each path, and write a report:"
          + " time, tokens/s, the fraction of the machine's matrix-product rate, memory, and where"
          + " the time goes.",
      "With --generate: prefill and decoding instead, of one row or several, of quantized weights"
          + " too.",
      "With --jmh: the same for the ops one by one.",
      "With --against: this build and another one in turn.",
      "Without --preset or --config: of the preset ablation."
    })
final class BenchCommand implements Callable<Integer> {
  private static final String DEFAULT_PRESET = "ablation";
  private static final int BATCH = 4;
  private static final int LENGTH = 512;
  private static final List<Integer> LENGTHS = List.of(128, 512, 2048);
  private static final List<Integer> QUICK_LENGTHS = List.of(128);

  @Spec private CommandSpec spec;

  @ArgGroup private ModelSourceOptions source;

  @Option(
      names = "--path",
      split = ",",
      defaultValue = "eager,graph,clustered,fused",
      paramLabel = "PATH",
      description =
          "Paths to compare, with commas between; a device's too: pjrt:tpu, pjrt:cuda, pjrt:cpu,"
              + " or pjrt: and a plugin's file. Default: ${DEFAULT-VALUE}.")
  private List<String> paths;

  @Mixin private AttentionOptions attention;
  @Mixin private MemoryOptions memory;
  @Mixin private ProductsOption products;

  @Option(
      names = "--dtype",
      defaultValue = "bfloat16",
      paramLabel = "TYPE",
      description = "float32, bfloat16 or float16, to compute in. Default: ${DEFAULT-VALUE}.")
  private String dtype;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Rows of tokens. Default: 4; 1 with --generate or --jmh.")
  private Integer batch;

  @Option(
      names = "--length",
      paramLabel = "N",
      description = "Tokens in a row. Default: 512; 128, 512 and 2048 with --jmh.")
  private Integer length;

  @Option(
      names = "--samples",
      defaultValue = "10",
      paramLabel = "N",
      description =
          "Turns of each program on each path, in each of which calls are timed for 0.15 s; with"
              + " --generate, calls. Default: ${DEFAULT-VALUE}.")
  private int samples;

  @Option(
      names = "--generate",
      description =
          "Time generating instead: prefill of --batch rows of --length tokens, and --new-tokens"
              + " greedy steps after it, each a token of every row.")
  private boolean generate;

  @Option(
      names = "--new-tokens",
      defaultValue = "64",
      paramLabel = "N",
      description = "With --generate: steps timed. Default: ${DEFAULT-VALUE}.")
  private int newTokens;

  @Mixin private QuantizeOption quantize;

  @Option(
      names = "--jmh",
      description =
          "Time the ops and attentions by themselves instead, under JMH: about 40 minutes, or name"
              + " some by --op and --path.")
  private boolean jmh;

  @Option(
      names = "--op",
      split = ",",
      paramLabel = "OP",
      description =
          "With --jmh: only these, with commas between. There is ${COMPLETION-CANDIDATES}.",
      completionCandidates = OpNames.class)
  private List<String> ops = List.of();

  @Option(
      names = "--quick",
      description = "With --jmh: the forward pass at 128 tokens only, about a minute.")
  private boolean quick;

  @Option(
      names = "--against",
      paramLabel = "DIR",
      description =
          "Time the build in this folder, a checkout of Gemlab, in turn with this one, and say which"
              + " differences are beyond noise. Takes the flags of bench and of bench --generate.")
  private Path against;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      paramLabel = "N",
      description = "With --against: turns of each build. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the report, new or empty. Default: out/bench-<time>.")
  private Path out;

  /** What {@code --op} takes. */
  private static final class OpNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(BenchmarkedOp.values()).map(BenchmarkedOp::label).iterator();
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    if (!generate) {
      Flags.refuse(
          spec,
          "without --generate",
          "--new-tokens",
          QuantizeOption.QUANTIZE,
          QuantizeOption.ACTIVATIONS);
    }
    if (against != null) return benchAgainst();
    Flags.refuse(spec, "without --against", "--rounds");
    if (!generate) return jmh ? benchOps() : benchModel();
    Flags.refuse(spec, "with --generate", "--jmh", "--op", "--quick");
    return benchGeneration();
  }

  private int benchModel() throws InterruptedException {
    Flags.refuse(spec, "without --jmh", "--op", "--quick");
    BenchPlan plan =
        new BenchPlan(
            modelSpec(),
            new TrainingLoss.BatchShape(
                Objects.requireNonNullElse(batch, BATCH),
                Objects.requireNonNullElse(length, LENGTH)),
            paths(),
            samples);
    DeviceProbe.require(plan.paths());
    Map<String, MemoryNeed> needs = plan.needs();
    for (ExecutionPath path : plan.paths()) {
      needs.forEach((what, need) -> memory.require(what, need, plan.batch().batchSize(), path));
    }
    Path folder = OutputFolder.ready(out, "bench");
    BenchRun run = new BenchRun(plan, CommandProvenance.of(spec.commandLine()));
    BenchOutcome outcome;
    try (Progress progress = Progress.of("bench", run.steps())) {
      outcome = run.run(new StepProgress(progress));
      progress.at(run.steps());
    }
    spec.commandLine().getOut().println("report: " + outcome.write(folder).html());
    return outcome.anyFailed() ? 1 : 0;
  }

  private int benchGeneration() {
    GenerationSpeed speed =
        new GenerationSpeed(
            modelSpec().withQuantization(quantize.quantization()),
            Objects.requireNonNullElse(batch, 1),
            Objects.requireNonNullElse(length, LENGTH),
            newTokens,
            samples);
    List<ExecutionPath> paths = paths();
    DeviceProbe.require(paths);
    for (ExecutionPath path : paths) {
      memory.require("generating with " + speed.model().name(), speed.need(), speed.rows(), path);
    }
    Path folder = OutputFolder.ready(out, "bench");
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    PrintWriter print = spec.commandLine().getOut();
    print.println(
        "| path | prefill, tokens/s, median (best) | decode | decode, a row | weights read, GB/s |"
            + " Gemlab kernels |");
    print.println("| --- | --: | --: | --: | --: | --: |");
    List<GenerationSpeed.Timed> all = new ArrayList<>();
    for (ExecutionPath path : paths) {
      GenerationSpeed.Timed timed = speed.run(path);
      all.add(timed);
      List<Double> decode = timed.decodeSeconds();
      print.printf(
          Locale.ROOT,
          "| %s | %s | %s | %s | %.1f | %s |%n",
          path.label(),
          rates(speed.rows() * speed.prompt(), timed.prefillSeconds()),
          rates(speed.rows() * newTokens, decode),
          rates(newTokens, decode),
          timed.weightBytes() * newTokens / decode.get(decode.size() / 2) / 1e9,
          timed.kernels().counted());
    }
    for (GenerationSpeed.Timed timed : all) {
      print.printf(
          "Gemlab kernels on the %s path: %s%n", timed.path(), timed.kernels().described());
    }
    GenerationReport report =
        new GenerationReport(speed, load, all, CommandProvenance.of(spec.commandLine()));
    print.println("report: " + report.write(folder).html());
    return 0;
  }

  private int benchAgainst() throws InterruptedException {
    Flags.refuse(spec, "with --against", "--jmh", "--op", "--quick", "--force");
    DeviceProbe.require(paths());
    BuildComparison comparison =
        new BuildComparison(
            new Build(CommandProvenance.checkout()),
            new Build(against),
            Flags.given(spec, "--against", "--rounds", "--path", "--out"),
            paths,
            rounds);
    Path folder = OutputFolder.ready(out, "bench");
    BuildReport report;
    try (Progress progress = Progress.of("bench", comparison.turns())) {
      report =
          BuildReport.make(
              comparison,
              folder,
              CommandProvenance.of(spec.commandLine()),
              new StepProgress(progress));
      progress.at(comparison.turns());
    }
    PrintWriter print = spec.commandLine().getOut();
    report.findings().forEach(print::println);
    print.println("report: " + folder.resolve("report.html"));
    report.failures().forEach(line -> spec.commandLine().getErr().println("gemlab: " + line));
    return report.failures().isEmpty() ? 0 : 1;
  }

  private static String rates(int tokens, List<Double> seconds) {
    return "%.1f (%.1f)"
        .formatted(tokens / seconds.get(seconds.size() / 2), tokens / seconds.getFirst());
  }

  private int benchOps() {
    Flags.refuse(
        spec,
        "with --jmh",
        ProductsOption.PRODUCTS,
        "--attention",
        "--allow-deviation",
        "--samples",
        "--force");
    OpPlan plan =
        new OpPlan(
            model(),
            Choices.precision(dtype),
            OpPlan.ops(ops),
            paths(),
            Objects.requireNonNullElse(batch, 1),
            length != null ? List.of(length) : quick ? QUICK_LENGTHS : LENGTHS,
            quick ? OpPlan.Effort.QUICK : OpPlan.Effort.FULL);
    DeviceProbe.require(plan.paths());
    Path folder = OutputFolder.ready(out, "bench");
    OpSuite.Outcome outcome;
    try (Progress progress = Progress.of("bench", plan.benchmarks())) {
      outcome =
          new OpSuite(plan, CommandProvenance.of(spec.commandLine()))
              .run(folder, new StepProgress(progress));
      progress.at(plan.benchmarks());
    }
    spec.commandLine().getOut().println("report: " + outcome.report().html());
    if (outcome.failed() == 0) return 0;
    spec.commandLine()
        .getErr()
        .printf(
            "gemlab: %d of %d benchmarks failed; %s says how%n",
            outcome.failed(), plan.benchmarks(), folder.resolve(OpSuite.LOG));
    return 1;
  }

  private ModelSource model() {
    return source == null ? ModelSource.preset(DEFAULT_PRESET) : source.model();
  }

  private ModelSpec modelSpec() {
    ModelSource sizes = model();
    return new ModelSpec(
        sizes.name(), sizes.config(), attention.choice(), Choices.precision(dtype));
  }

  private List<ExecutionPath> paths() {
    Products asked = products.products();
    return paths.stream().map(Choices::path).map(path -> path.withProducts(asked)).toList();
  }
}
