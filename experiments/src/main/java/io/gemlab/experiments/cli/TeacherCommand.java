package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.GemmaOptions;
import io.gemlab.experiments.cli.option.ModelOptions;
import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.terminal.Interruption;
import io.gemlab.experiments.cli.terminal.LoadingBar;
import io.gemlab.experiments.cli.terminal.MonitoredWork;
import io.gemlab.experiments.distill.TeacherFileWriter;
import io.gemlab.experiments.run.Bytes;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.trainer.TeacherRun;
import io.gemlab.reports.Numbers;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab teacher}: what a model expects at each position of a training set. */
@Command(
    name = "teacher",
    description = {
      "Write what a checkpoint expects at every position that a recipe of gemlab train trains on: the"
          + " K likeliest tokens, their log-probabilities in half precision, and the mass of all"
          + " others. A recipe's distill.teacher names the file.",
      "Ctrl-C and kill -9 lose nothing but the batch at hand: --resume goes on."
    })
final class TeacherCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private GemmaOptions model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "RECIPE",
      description =
          "A recipe of gemlab train, of which the data are read as it will read them; as many rows"
              + " at once as a step of it has.")
  private Path recipe;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A value over the recipe's, in YAML. May be repeated.")
  private List<String> changes = List.of();

  @Option(
      names = "--top-k",
      required = true,
      paramLabel = "K",
      description = "Tokens kept at each position; the vocabulary for all of them.")
  private int topK;

  @Option(
      names = "--temperature",
      defaultValue = "1",
      paramLabel = "T",
      description =
          "What logits are divided by, behind their cap; that of the recipe's distill section."
              + " Default: ${DEFAULT-VALUE}.")
  private double temperature;

  @Option(names = "--resume", description = "Go on with FILE.partial, as it was begun.")
  private boolean resume;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "A safetensors file of one table of records.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    model.requireTokenizer();
    OutputFile.requireWritable("--out", out);
    try (TeacherRun run =
        TeacherRun.of(
            new TeacherRun.Request(
                model.checkpoint,
                recipe,
                changes,
                topK,
                temperature,
                model.options(),
                model.products(),
                out,
                resume))) {
      return score(run);
    }
  }

  private int score(TeacherRun run) throws IOException {
    model.requireMemory("scoring with " + model.checkpoint, run.need(), run.rows());
    OutputFile.requireSpace("--out", out.toAbsolutePath().getParent(), run.header().bytes());
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        "%s: %d rows of %d positions, %d tokens each: %s%n",
        out, run.header().rows(), run.header().length(), topK, Bytes.text(run.header().bytes()));
    TeacherRun.Outcome outcome;
    try (Interruption interruption = new Interruption(this::sayStopped);
        LoadingBar loading = new LoadingBar()) {
      outcome =
          new MonitoredWork("teacher", run.work(), interruption, err)
              .run(monitor -> run.run(monitor, loading));
    } catch (RunMonitor.Stopped stopped) {
      return MonitoredWork.INTERRUPTED;
    }
    ModelOptions.printExecution(err, outcome.execution(), outcome.deviation());
    say(run, outcome);
    return 0;
  }

  private void say(TeacherRun run, TeacherRun.Outcome outcome) {
    PrintWriter lines = spec.commandLine().getOut();
    lines.printf("%s: %d rows, teacher %s%n", out, run.work(), run.header().teacherSha256());
    TeacherFileWriter.Loss loss = outcome.loss();
    if (loss.positions() == 0) return;
    lines.printf(
        "left out: %s of the probability on average; rounding: KL %s nats a position on average%n",
        Numbers.significant(loss.rest() / loss.positions(), 3),
        Numbers.significant(loss.rounding() / loss.positions(), 3));
  }

  private void sayStopped() {
    spec.commandLine()
        .getErr()
        .println(
            "gemlab: stopped; whole rows are in "
                + TeacherFileWriter.partial(out)
                + ", --resume goes on with them");
  }
}
