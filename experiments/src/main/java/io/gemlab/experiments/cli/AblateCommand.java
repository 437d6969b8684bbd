package io.gemlab.experiments.cli;

import io.gemlab.experiments.ablate.Ablation;
import io.gemlab.experiments.ablate.recipe.RecipeChoice;
import io.gemlab.experiments.ablate.run.Shard;
import io.gemlab.experiments.cli.option.MemoryOptions;
import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.option.ProductsOption;
import io.gemlab.experiments.cli.terminal.Interruption;
import io.gemlab.experiments.cli.terminal.MonitoredWork;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code gemlab ablate}: the main job. */
@Command(
    name = "ablate",
    description = {
      "Train and time the arms of a recipe and write a report of what they cost and change.",
      "Without a recipe: softcap, SDPA-style and blockwise attention on the eager, graph, clustered"
          + " and fused path, about ten minutes on two cores. Ctrl-C loses nothing: --resume goes on."
    })
final class AblateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MemoryOptions memory;
  @Mixin private ProductsOption products;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "RECIPE",
      description = "A recipe in YAML; recipes/ has some. Default: recipes/softcap-attention.yaml.")
  private Path recipe;

  @Option(names = "--quick", description = "A small run, under two minutes: to try it out.")
  private boolean quick;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "A value over the recipe's, in YAML: training.steps=40, timing=null,"
              + " arms.NAME.training.learning_rate=1e-3. May be repeated; `gemlab help recipe` lists"
              + " the keys.")
  private List<String> changes = List.of();

  @Option(
      names = "--dry-run",
      description = "Say what would run, in how much memory, disk and time, and write nothing.")
  private boolean dryRun;

  @Option(
      names = "--resume",
      description =
          "Go on with what is in --out; the recipe may have got more arms, seeds and lengths.")
  private boolean resume;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description =
          "Do the I-th of N parts, for several processes or machines: every N-th seed of all arms,"
              + " in --out/shards/I-of-N; the first also does timing and agreement."
              + " `gemlab report` over --out merges them.")
  private String shard;

  @Option(
      names = "--out",
      defaultValue = "out/ablate",
      paramLabel = "DIR",
      description = "Folder for report, records and state. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    // What it compiles itself, to compare logits, no other process needs.
    System.setProperty(NativeRuntime.KEEP_PROGRAMS, "false");
    RecipeChoice choice = new RecipeChoice(Optional.ofNullable(recipe), quick, changes);
    if (dryRun) {
      Ablation.dryRun(choice, out).forEach(spec.commandLine().getOut()::println);
      return 0;
    }
    OutputFile.requireFolder("--out", out);
    Provenance provenance = CommandProvenance.of(spec.commandLine());
    Shard part = shard == null ? Shard.WHOLE : Shard.of(shard);
    Ablation ablation = Ablation.of(choice, out, part, resume, products.products(), provenance);
    ablation
        .needs()
        .forEach(each -> memory.require(each.what(), each.need(), each.rows(), each.path()));
    try (Interruption interruption = new Interruption(this::sayStopped)) {
      Path report =
          new MonitoredWork("ablate", ablation.work(), interruption, spec.commandLine().getErr())
              .run(ablation::run);
      spec.commandLine().getOut().println("report: " + report);
      List<String> failures = ablation.failures();
      failures.forEach(run -> spec.commandLine().getErr().println("gemlab: " + run));
      return failures.isEmpty() ? 0 : 1;
    } catch (RunMonitor.Stopped stopped) {
      return MonitoredWork.INTERRUPTED;
    }
  }

  private void sayStopped() {
    spec.commandLine()
        .getErr()
        .println("gemlab: stopped; what is done is in " + out + ", --resume goes on with it");
  }
}
