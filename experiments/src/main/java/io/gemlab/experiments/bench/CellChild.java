package io.gemlab.experiments.bench;

import io.gemlab.experiments.bench.BenchPlan.Cell;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.ModelSource;
import io.gemlab.experiments.run.ChildJvm;
import io.gemlab.graph.base.process.ProcessMemory;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.train.TrainingLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The process of a cell: measures, and writes what it measured. */
final class CellChild {
  private CellChild() {}

  /** What {@link #main} reads. */
  static List<String> arguments(BenchPlan plan, Cell cell, Path result) {
    return List.of(
        plan.source().key(),
        plan.choice().attention().label(),
        Boolean.toString(plan.choice().allowDeviation()),
        plan.precision().label(),
        Integer.toString(plan.batch().batchSize()),
        Integer.toString(plan.batch().sequenceLength()),
        Integer.toString(plan.samples()),
        cell.program().name(),
        cell.path().label(),
        result.toString());
  }

  public static void main(String[] arguments) {
    ChildJvm.doAndEnd(() -> measure(arguments));
  }

  private static void measure(String[] arguments) throws IOException {
    long start = ProcessMemory.resident().orElse(0);
    Cell cell = new Cell(Program.valueOf(arguments[7]), Choices.path(arguments[8]));
    BenchPlan plan =
        new BenchPlan(
            ModelSource.of(arguments[0]),
            new OpChoice(Choices.attention(arguments[1]), Boolean.parseBoolean(arguments[2])),
            Choices.precision(arguments[3]),
            new TrainingLoss.BatchShape(
                Integer.parseInt(arguments[4]), Integer.parseInt(arguments[5])),
            List.of(cell.path()),
            Integer.parseInt(arguments[6]));
    Files.write(Path.of(arguments[9]), new CellRun(plan, cell).measure(start).toByteArray());
  }
}
