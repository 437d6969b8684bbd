package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.AblationRecipe.Timing;
import io.gemlab.experiments.ablate.RunStore.Run;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.run.ChildJvm;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Factor;
import io.gemlab.reports.record.RunRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Every timed arm on every path at every length, each in a process of its own. Arms that are
 * compared run next to each other, so that a machine that drifts drifts for all of them.
 */
record TimingRuns(AblationRecipe recipe, Path recipeFile, RunStore store) {
  private static final int INTERRUPTED = 130;

  void run(RunMonitor monitor, int unitsACell) {
    Timing timing = recipe.timing().orElseThrow();
    for (int length : timing.lengths()) {
      for (String path : timing.paths()) {
        for (String arm : timing.arms()) {
          Run run = run(recipe.arm(arm), path, length);
          if (!store.has(run)) {
            monitor.now("%s, %s, %d tokens".formatted(arm, path, length));
            monitor.check();
            store.make(run, record -> measure(run.arm(), path, length, record, monitor));
          }
          monitor.worked(unitsACell);
        }
      }
    }
  }

  private static Run run(Arm arm, String path, int length) {
    return new Run(
        Run.TIMING,
        arm,
        0,
        List.of(Records.factor("path", path), Records.factor("length", Integer.toString(length))));
  }

  private void measure(
      Arm arm, String path, int length, RunRecord.Builder record, RunMonitor monitor) {
    // What an arm can't do is the recipe's finding, and needs no process to find out.
    recipe.model(arm, Precision.FLOAT32).requireSupported();
    ExecutionPath chosen = Choices.path(path);
    try {
      Path result = Files.createTempFile("gemlab-cell", ".pb");
      try {
        ChildJvm.Ended ended =
            ChildJvm.run(
                TimingChild.class,
                List.of(
                    recipeFile.toString(),
                    arm.name(),
                    chosen.label(),
                    Integer.toString(length),
                    result.toString()));
        if (ended.exitCode() == 0) {
          record.mergeFrom(Files.readAllBytes(result));
          return;
        }
        monitor.check();
        if (ended.exitCode() == INTERRUPTED) throw new RunMonitor.Stopped();
        record.setOutcome(
            Records.failed("exit code " + ended.exitCode() + ": " + ended.lastLine()));
      } finally {
        Files.delete(result);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("timing " + arm.name(), e);
    } catch (InterruptedException e) {
      throw new RunMonitor.Stopped();
    }
  }

  /** The level of one of a record's factors. */
  static String level(RunRecord record, String factor) {
    return record.getFactorsList().stream()
        .filter(one -> one.getName().equals(factor))
        .map(Factor::getLevel)
        .findFirst()
        .orElseThrow();
  }
}
