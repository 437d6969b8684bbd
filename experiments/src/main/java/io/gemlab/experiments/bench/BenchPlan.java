package io.gemlab.experiments.bench;

import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.program.TimedCell;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.reports.statistics.timing.MedianEstimate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a performance report is about.
 *
 * @param model the model
 * @param batch rows and length of the batch
 * @param paths to compare, 1 or more
 * @param samples calls timed, after those to warm up; {@link MedianEstimate#LEAST_SAMPLES} or more
 */
public record BenchPlan(
    ModelSpec model, TrainingLoss.BatchShape batch, List<ExecutionPath> paths, int samples) {
  /** What is timed of the model. */
  static final List<ModelProgram> PROGRAMS = List.of(ModelProgram.FORWARD, ModelProgram.TRAIN);

  public BenchPlan {
    paths = List.copyOf(paths);
    atLeast("--batch", batch.batchSize(), 1);
    atLeast("--length", batch.sequenceLength(), 2);
    atLeast("--samples", samples, MedianEstimate.LEAST_SAMPLES);
    model.model().requireSupported();
  }

  /** One program on one path. */
  record Cell(ModelProgram program, ExecutionPath path) {
    /** The name in a report. */
    String label() {
      return program.label() + ", " + path.label();
    }
  }

  /** Every program on every path, programs outermost. */
  List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (ModelProgram program : PROGRAMS) {
      for (ExecutionPath path : paths) cells.add(new Cell(program, path));
    }
    return cells;
  }

  /** What each program needs, by what it is; no cell runs beside another. */
  public Map<String, MemoryNeed> needs() {
    Map<String, MemoryNeed> needs = new LinkedHashMap<>();
    for (ModelProgram program : PROGRAMS) {
      String what =
          "the %s of %s, %d x %d tokens,"
              .formatted(program.label(), model.name(), batch.batchSize(), batch.sequenceLength());
      needs.put(what, MemoryNeed.of(program.trace(model.model(), batch)));
    }
    return needs;
  }

  /** What is timed in the process of a cell. */
  TimedCell timed(Cell cell) {
    return new TimedCell(model, List.of(cell.program()), cell.path(), batch, samples, true);
  }

  static void atLeast(String flag, int value, int least) {
    if (value < least) {
      throw new InvalidInput(flag + " is " + value + "; give " + least + " or more");
    }
  }
}
