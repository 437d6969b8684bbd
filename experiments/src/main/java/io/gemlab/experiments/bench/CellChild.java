package io.gemlab.experiments.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.bench.BenchPlan.Cell;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.experiments.run.ChildJvm;
import io.gemlab.graph.base.process.ProcessMemory;
import io.gemlab.graph.train.TrainingLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The process of a cell: measures, and writes what it measured. */
final class CellChild {
  private static final JsonMapper JSON = new JsonMapper();

  private CellChild() {}

  /** What {@link #main} reads. */
  static List<String> arguments(BenchPlan plan, Cell cell, Path result) {
    return List.of(
        plan.model().json().toString(),
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
    Cell cell = new Cell(Program.valueOf(arguments[4]), Choices.path(arguments[5]));
    BenchPlan plan =
        new BenchPlan(
            ModelSpec.of(new Fields("model", (ObjectNode) JSON.readTree(arguments[0]))),
            new TrainingLoss.BatchShape(
                Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2])),
            List.of(cell.path()),
            Integer.parseInt(arguments[3]));
    Files.write(Path.of(arguments[6]), new CellRun(plan, cell).measure(start).toByteArray());
  }
}
