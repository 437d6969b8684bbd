package io.gemlab.experiments.bench;

import io.gemlab.experiments.recipe.ModelSource;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.Precision;
import io.gemlab.reports.statistics.timing.MedianEstimate;
import java.util.ArrayList;
import java.util.List;

/**
 * What a performance report is about.
 *
 * @param source the model
 * @param choice its attention
 * @param precision the type computed in
 * @param batch rows and length of the batch
 * @param paths to compare, 1 or more
 * @param samples calls timed, after those to warm up; {@link MedianEstimate#LEAST_SAMPLES} or more
 */
public record BenchPlan(
    ModelSource source,
    OpChoice choice,
    Precision precision,
    TrainingLoss.BatchShape batch,
    List<ExecutionPath> paths,
    int samples) {
  public BenchPlan {
    paths = List.copyOf(paths);
    atLeast("--batch", batch.batchSize(), 1);
    atLeast("--length", batch.sequenceLength(), 2);
    atLeast("--samples", samples, MedianEstimate.LEAST_SAMPLES);
    new Gemma2Model<>(source.config(), choice, precision.type()).requireSupported();
  }

  /** One program on one path. */
  record Cell(Program program, ExecutionPath path) {
    /** The name in a report. */
    String label() {
      return program.label() + ", " + path.label();
    }
  }

  /** Every program on every path, programs outermost. */
  List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (Program program : Program.values()) {
      for (ExecutionPath path : paths) cells.add(new Cell(program, path));
    }
    return cells;
  }

  Gemma2Model<?> model() {
    return new Gemma2Model<>(source.config(), choice, precision.type());
  }

  static void atLeast(String flag, int value, int least) {
    if (value < least) {
      throw new InvalidInput(flag + " is " + value + "; give " + least + " or more");
    }
  }
}
