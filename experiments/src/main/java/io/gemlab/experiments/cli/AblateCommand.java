package io.gemlab.experiments.cli;

import io.gemlab.experiments.ablate.Ablation;
import io.gemlab.experiments.ablate.recipe.RecipeChoice;
import io.gemlab.experiments.ablate.run.Shard;
import io.gemlab.experiments.cli.option.MemoryOptions;
import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.terminal.Interruption;
import io.gemlab.experiments.cli.terminal.Progress;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
          + " and fused path, about ten minutes. Ctrl-C loses nothing: --resume goes on."
    })
final class AblateCommand implements Callable<Integer> {
  private static final int INTERRUPTED = 130;

  @Spec private CommandSpec spec;
  @Mixin private MemoryOptions memory;

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
    RecipeChoice choice = new RecipeChoice(Optional.ofNullable(recipe), quick, changes);
    if (dryRun) {
      Ablation.dryRun(choice, out).forEach(spec.commandLine().getOut()::println);
      return 0;
    }
    OutputFile.requireFolder("--out", out);
    Provenance provenance = CommandProvenance.of(spec.commandLine());
    Shard part = shard == null ? Shard.WHOLE : Shard.of(shard);
    Ablation ablation = Ablation.of(choice, out, part, resume, provenance);
    ablation
        .needs()
        .forEach(each -> memory.require(each.what(), each.need(), each.rows(), each.path()));
    try (Interruption interruption = new Interruption(this::sayStopped)) {
      Path report = run(ablation, interruption);
      spec.commandLine().getOut().println("report: " + report);
      List<String> failures = ablation.failures();
      failures.forEach(run -> spec.commandLine().getErr().println("gemlab: " + run));
      return failures.isEmpty() ? 0 : 1;
    } catch (RunMonitor.Stopped stopped) {
      return INTERRUPTED;
    }
  }

  private Path run(Ablation ablation, Interruption interruption) throws IOException {
    List<String> said = new ArrayList<>();
    try (Progress progress = Progress.of("ablate", ablation.work())) {
      return ablation.run(new ProgressMonitor(progress, interruption, said));
    } catch (RunMonitor.Stopped stopped) {
      // Said here, since the process may end as soon as the interruption is closed.
      interruption.sayFarewell();
      throw stopped;
    } finally {
      // Not before, since the bar would be written over it.
      said.forEach(line -> spec.commandLine().getErr().println("gemlab: " + line));
    }
  }

  private void sayStopped() {
    spec.commandLine()
        .getErr()
        .println("gemlab: stopped; what is done is in " + out + ", --resume goes on with it");
  }

  /** Progress in, interruption out. */
  private record ProgressMonitor(Progress progress, Interruption interruption, List<String> lines)
      implements RunMonitor {
    @Override
    public void worked(long units) {
      progress.worked(units);
      interruption.unsaved(units > 0);
    }

    @Override
    public void announced(long more) {
      progress.announced(more);
    }

    @Override
    public void now(String what) {
      progress.now(what);
      interruption.unsaved(false); // what came before is recorded
    }

    @Override
    public void said(String line) {
      lines.add(line);
    }

    @Override
    public void check() {
      if (interruption.requested()) throw new Stopped();
    }
  }
}
