package io.gemlab.experiments.cli;

import io.gemlab.experiments.ablate.Ablation;
import io.gemlab.experiments.trainer.TrainRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code gemlab report}: a report made again from its records. */
@Command(
    name = "report",
    description =
        "Write the report of an ablation's folder again, from recipe.yaml and runs/, or of all its"
            + " shards; or that of a training run, from recipe.yaml and its logs.")
final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "DIR", description = "What --out named.")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Path report =
        TrainRun.isIn(folder)
            ? TrainRun.report(folder)
            : Ablation.report(folder, line -> err.println("gemlab: " + line));
    spec.commandLine().getOut().println("report: " + report);
    return 0;
  }
}
