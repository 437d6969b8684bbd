package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.ClusterOptions;
import io.gemlab.experiments.cli.option.MemoryOptions;
import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.option.ProductsOption;
import io.gemlab.experiments.cli.terminal.Interruption;
import io.gemlab.experiments.cli.terminal.MonitoredWork;
import io.gemlab.experiments.cli.terminal.Progress;
import io.gemlab.experiments.cli.terminal.StandardError;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.trainer.ClusterMembership;
import io.gemlab.experiments.trainer.FollowerRun;
import io.gemlab.experiments.trainer.ShownLabels;
import io.gemlab.experiments.trainer.TrainPlan;
import io.gemlab.experiments.trainer.TrainRun;
import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.keyvalue.ClusterToken;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code gemlab train}: from a recipe to checkpoints. */
@Command(
    name = "train",
    description = {
      "Train a model by a recipe: checkpoints that Hugging Face's loaders take, a line of metrics a"
          + " step, and a report.",
      "Ctrl-C and kill -9 lose nothing but the steps since the last checkpoint: --resume goes on to"
          + " the same numbers."
    })
final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MemoryOptions memory;
  @Mixin private ProductsOption products;
  @Mixin private ClusterOptions clusters;

  @Parameters(
      index = "0",
      paramLabel = "RECIPE",
      description =
          "A recipe in YAML; recipes/train/ has some, and `gemlab help train-recipe` lists all"
              + " keys.")
  private Path recipe;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "A value over the recipe's, in YAML: training.steps=40, training.learning_rate=1e-3. May"
              + " be repeated.")
  private List<String> changes = List.of();

  @Option(
      names = "--resume",
      description =
          "Go on from the last checkpoint in --out; the recipe may have got more steps, or another"
              + " path.")
  private boolean resume;

  @Option(
      names = "--plan",
      paramLabel = "TARGET",
      description =
          "Train nothing: compile this very step for a TPU slice or GPUs, such as v5p:4x4x4, say"
              + " whether it fits, how fast it should be and how many days the run would take, and"
              + " write the report and the program to --out/plan.")
  private String plan;

  @Option(
      names = "--show-labels",
      paramLabel = "N",
      description =
          "Train nothing: print the first N rows, a line a token: position, document, token, and the"
              + " label that is learnt there.")
  private Integer shownRows;

  @Option(
      names = "--out",
      defaultValue = "out/train",
      paramLabel = "DIR",
      description = "Folder for checkpoints, metrics and report. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    if (plan != null) clusters.requireNone("--plan");
    if (shownRows != null) {
      clusters.requireNone("--show-labels");
      ShownLabels.lines(recipe, changes, shownRows).forEach(spec.commandLine().getOut()::println);
      return 0;
    }
    OptionalInt workers = clusters.workers();
    Optional<ClusterMembership> membership = clusters.cluster().map(this::membership);
    if (membership.isPresent() && !membership.get().cluster().isChief()) {
      return follow(membership.get());
    }
    OutputFile.requireFolder("--out", out);
    if (plan != null) return plan();
    if (workers.isPresent()) return start(workers.getAsInt());
    Provenance provenance = CommandProvenance.of(spec.commandLine());
    try (TrainRun run =
        TrainRun.of(recipe, changes, out, resume, membership, products.products(), provenance)) {
      return train(run);
    }
  }

  private ClusterMembership membership(Cluster cluster) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(
        "gemlab: %s: TensorFlow's server listens on every interface of this host; what crosses is neither encrypted nor authenticated"
            .formatted(cluster.name(cluster.task())));
    return new ClusterMembership(
        cluster,
        ClusterToken.ofEnvironment(),
        clusters.restarted(),
        line -> err.println("gemlab: " + line),
        loss -> {
          err.println("gemlab: " + loss.sentence());
          StandardError.halt(loss.own() ? LocalWorkers.HANGS : CommandLine.ExitCode.SOFTWARE);
        });
  }

  private int start(int workers) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("train", recipe.toString()));
    for (String change : changes) arguments.addAll(List.of("--set", change));
    arguments.addAll(List.of("--out", out.toString()));
    arguments.addAll(memory.passedOn());
    arguments.addAll(products.passedOn());
    arguments.addAll(clusters.passedOn());
    return new LocalWorkers(
            workers,
            arguments,
            resume,
            out,
            spec.commandLine().getOut(),
            spec.commandLine().getErr())
        .run();
  }

  private int follow(ClusterMembership membership) throws IOException {
    Provenance provenance = CommandProvenance.of(spec.commandLine());
    try (FollowerRun run =
        FollowerRun.of(recipe, changes, membership, products.products(), provenance)) {
      memory.require(run.what(), run.need(), run.rows(), run.path());
      try (Interruption interruption = new Interruption(() -> {})) {
        new MonitoredWork("train", run.work(), interruption, spec.commandLine().getErr())
            .run(run::run);
        return 0;
      } catch (RunMonitor.Stopped stopped) {
        return MonitoredWork.INTERRUPTED;
      }
    }
  }

  private int train(TrainRun run) throws IOException {
    memory.require(run.what(), run.need(), run.rows(), run.path());
    OutputFile.requireSpace("--out", out, run.diskBytes());
    try (Interruption interruption = new Interruption(this::sayStopped)) {
      Path report =
          new MonitoredWork("train", run.work(), interruption, spec.commandLine().getErr())
              .run(run::run);
      spec.commandLine().getOut().println("report: " + report);
      return 0;
    } catch (RunMonitor.Stopped stopped) {
      return MonitoredWork.INTERRUPTED;
    }
  }

  private int plan() throws IOException {
    TrainPlan planned = TrainPlan.of(recipe, changes, plan);
    TrainPlan.Outcome outcome;
    try (Progress progress = Progress.of("plan", 1)) {
      outcome = planned.run(out, CommandProvenance.of(spec.commandLine()), progress::now);
      progress.at(1);
    }
    outcome.lines().forEach(spec.commandLine().getOut()::println);
    return outcome.fits() ? 0 : 1;
  }

  private void sayStopped() {
    spec.commandLine()
        .getErr()
        .println("gemlab: stopped; a checkpoint is in " + out + ", --resume goes on with it");
  }
}
