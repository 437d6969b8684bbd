package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.program.CellTimer;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.program.ProgramNeeds;
import io.gemlab.experiments.program.QuietMachine;
import io.gemlab.experiments.program.TimedCell;
import io.gemlab.experiments.program.TimedComparison;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunStore;
import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.experiments.run.RunView;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import io.gemlab.reports.record.RunRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Records of programs that are run in processes of their own.
 *
 * @param timed the programs of each cell, and what an ablation calls their time and memory
 * @param quiet waits for the machine
 * @param needs what programs need of memory
 */
record CellRuns(List<Timed> timed, RunStore store, QuietMachine quiet, ProgramNeeds needs) {
  /** The training step, which is timed for every purpose. */
  static final Timed STEP = new Timed(ModelProgram.TRAIN, Measures.STEP_TIME, Measures.STEP_MEMORY);

  /** A program, and what an ablation calls its time and memory. */
  record Timed(ModelProgram program, Measure time, Measure memory) {}

  /**
   * A cell to be recorded.
   *
   * @param name for people, another for each that is asked for together
   * @param arm whose it is
   * @param cell of the programs that are timed
   */
  record Asked(String name, Run run, Arm arm, TimedCell cell) {}

  /**
   * Makes the records that are missing of cells that are timed together.
   *
   * @param where they run, for people
   * @param more adds to the record of a cell that was measured
   */
  void make(
      List<Asked> asked,
      String where,
      RunMonitor monitor,
      BiConsumer<Asked, RunRecord.Builder> more) {
    List<Asked> missing = asked.stream().filter(one -> !store.has(one.run())).toList();
    Map<String, TimedCell> cells = new LinkedHashMap<>();
    for (Asked one : missing) {
      if (isSupported(one.arm())) cells.put(one.name(), one.cell());
    }
    // All are measured when the first one's record is made, so that what stops it is recorded.
    Measured measured = new Measured(new TimedComparison(cells, quiet, needs));
    for (Asked one : missing) {
      monitor.check();
      store.make(
          one.run(),
          record -> {
            // What an arm can't do is the recipe's finding, and needs no process to find out.
            one.arm().model().model().requireSupported();
            if (fill(record, measured.of(one.name(), told(monitor, where)), monitor)) {
              more.accept(one, record);
            }
          });
    }
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
        monitor.now("%s, %s".formatted(what, where));
        monitor.check();
      }

      @Override
      public void waits() {
        monitor.now(TimedComparison.WAITING);
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

    List<RunRecord> of(String name, TimedComparison.Listener listener) {
      try {
        if (records.isEmpty()) records = Optional.of(comparison.run(listener));
      } catch (InterruptedException e) {
        throw new RunMonitor.Stopped();
      }
      return records.get().get(name);
    }
  }

  /**
   * All programs go into one record; the execution is the last one's.
   *
   * @return whether they were measured
   */
  private boolean fill(RunRecord.Builder record, List<RunRecord> measured, RunMonitor monitor) {
    for (int i = 0; i < timed.size(); i++) {
      Timed one = timed.get(i);
      RunView run = new RunView(measured.get(i));
      if (!run.isComplete()) {
        monitor.check(); // what stops this process may have ended the other
        record.setOutcome(run.record().getOutcome());
        return false;
      }
      record.addMeasurements(one.time().median(run.samples(CellTimer.TIME)));
      run.measurement(CellTimer.MEMORY)
          .ifPresent(peak -> record.addMeasurements(one.memory().of(peak.getValue())));
      run.record()
          .getTurnsList()
          .forEach(turn -> record.addTurns(turn.toBuilder().setMeasurement(one.time().name())));
      record.setStarted(run.record().getTurns(0).getSitting());
      record.setExecution(run.record().getExecution());
    }
    return true;
  }
}
