package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.AblationRecipe.Timing;
import io.gemlab.experiments.program.CellTimer;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.program.QuietMachine;
import io.gemlab.experiments.program.TimedCell;
import io.gemlab.experiments.program.TimedComparison;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunStore;
import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import io.gemlab.reports.record.RunRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every timed arm on every path at every length, each in a process of its own. Arms on one path at
 * one length are compared, and take turns.
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
    QuietMachine quiet = new QuietMachine();
    for (int length : timing.lengths()) {
      for (ExecutionPath path : timing.paths()) {
        compare(path, length, quiet, monitor);
        monitor.worked((long) unitsACell * timing.arms().size());
      }
    }
  }

  /** The arms on a path at a length, those that there are no records of. */
  private void compare(ExecutionPath path, int length, QuietMachine quiet, RunMonitor monitor) {
    AblationRuns runs = new AblationRuns(recipe);
    Map<Arm, Run> missing = new LinkedHashMap<>();
    Map<String, TimedCell> cells = new LinkedHashMap<>();
    for (String name : recipe.timing().orElseThrow().arms()) {
      Arm arm = recipe.arm(name);
      Run run = runs.timing(arm, path, length);
      if (store.has(run)) continue;
      missing.put(arm, run);
      if (isSupported(arm)) cells.put(name, cell(arm, path, length));
    }
    // All are measured when the first one's record is made, so that what stops it is recorded.
    Measured measured = new Measured(new TimedComparison(cells, quiet));
    missing.forEach(
        (arm, run) -> {
          monitor.check();
          store.make(
              run,
              record -> {
                // What an arm can't do is the recipe's finding, and needs no process to find out.
                arm.model().model().requireSupported();
                fill(
                    record,
                    measured.of(arm.name(), told(monitor, path.label() + ", " + length)),
                    monitor);
              });
        });
  }

  private static boolean isSupported(Arm arm) {
    try {
      arm.model().model().requireSupported();
      return true;
    } catch (UnsupportedChoiceException refusal) {
      return false;
    }
  }

  private static TimedComparison.Listener told(RunMonitor monitor, String where) {
    return new TimedComparison.Listener() {
      @Override
      public void step(String what) {
        monitor.now("%s, %s tokens".formatted(what, where));
        monitor.check();
      }

      @Override
      public void waits() {
        monitor.now("waiting for other work on this machine to pause");
        monitor.check();
      }
    };
  }

  /** A comparison, measured when it is first asked for. */
  private static final class Measured {
    private final TimedComparison comparison;
    private Optional<Map<String, List<RunRecord>>> records = Optional.empty();

    Measured(TimedComparison comparison) {
      this.comparison = comparison;
    }

    List<RunRecord> of(String arm, TimedComparison.Listener listener) {
      try {
        if (records.isEmpty()) records = Optional.of(comparison.run(listener));
      } catch (InterruptedException e) {
        throw new RunMonitor.Stopped();
      }
      return records.get().get(arm);
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

  /** Both programs go into one record; the execution is the last one's. */
  private static void fill(RunRecord.Builder record, List<RunRecord> measured, RunMonitor monitor) {
    for (int i = 0; i < TIMED.size(); i++) {
      Timed timed = TIMED.get(i);
      RunView run = new RunView(measured.get(i));
      if (!run.isComplete()) {
        monitor.check(); // what stops this process may have ended the other
        record.setOutcome(run.record().getOutcome());
        return;
      }
      record.addMeasurements(timed.time().median(run.samples(CellTimer.TIME)));
      run.measurement(CellTimer.MEMORY)
          .ifPresent(peak -> record.addMeasurements(timed.memory().of(peak.getValue())));
      run.record()
          .getTurnsList()
          .forEach(turn -> record.addTurns(turn.toBuilder().setMeasurement(timed.time().name())));
      record.setStarted(run.record().getTurns(0).getSitting());
      record.setExecution(run.record().getExecution());
    }
  }
}
