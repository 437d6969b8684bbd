package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.AblationRecipe.Timing;
import io.gemlab.experiments.program.CellProcess;
import io.gemlab.experiments.program.CellTimer;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.program.TimedCell;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunStore;
import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.reports.record.RunRecord;
import java.util.List;

/**
 * Every timed arm on every path at every length, each in a process of its own. Arms that are
 * compared run next to each other, so that a machine that drifts drifts for all of them.
 */
record TimingRuns(AblationRecipe recipe, RunStore store) {
  private static final List<Timed> TIMED =
      List.of(
          new Timed(ModelProgram.FORWARD, Measures.FORWARD_TIME, Measures.FORWARD_MEMORY),
          new Timed(ModelProgram.TRAIN, Measures.STEP_TIME, Measures.STEP_MEMORY));

  /** A program, and what an ablation calls its time and memory. */
  private record Timed(ModelProgram program, Measure time, Measure memory) {}

  void run(RunMonitor monitor, int unitsACell) {
    Timing timing = recipe.timing().orElseThrow();
    AblationRuns runs = new AblationRuns(recipe);
    for (int length : timing.lengths()) {
      for (ExecutionPath path : timing.paths()) {
        for (String name : timing.arms()) {
          Arm arm = recipe.arm(name);
          Run run = runs.timing(arm, path, length);
          if (!store.has(run)) {
            monitor.now("%s, %s, %d tokens".formatted(name, path.label(), length));
            monitor.check();
            store.make(run, record -> measure(record, arm, cell(arm, path, length), monitor));
          }
          monitor.worked(unitsACell);
        }
      }
    }
  }

  private TimedCell cell(Arm arm, ExecutionPath path, int length) {
    Timing timing = recipe.timing().orElseThrow();
    return new TimedCell(
        arm.model().withPrecision(timing.precision()),
        TIMED.stream().map(Timed::program).toList(),
        path,
        new BatchShape(timing.batch(), length),
        timing.samples(),
        false);
  }

  private static void measure(
      RunRecord.Builder record, Arm arm, TimedCell cell, RunMonitor monitor) {
    // What an arm can't do is the recipe's finding, and needs no process to find out.
    arm.model().model().requireSupported();
    List<RunRecord> measured;
    try {
      measured = CellProcess.run(cell);
    } catch (InterruptedException e) {
      throw new RunMonitor.Stopped();
    }
    for (int i = 0; i < TIMED.size(); i++) {
      RunView run = new RunView(measured.get(i));
      if (!run.isComplete()) {
        monitor.check(); // what stops this process may have ended the other
        record.setOutcome(run.record().getOutcome());
        return;
      }
      fill(record, TIMED.get(i), run);
    }
  }

  /** Both programs go into one record; the execution is the last one's. */
  private static void fill(RunRecord.Builder record, Timed timed, RunView run) {
    record.addMeasurements(timed.time().median(run.samples(CellTimer.TIME)));
    run.measurement(CellTimer.MEMORY)
        .ifPresent(peak -> record.addMeasurements(timed.memory().of(peak.getValue())));
    record.setExecution(run.record().getExecution());
  }
}
