package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Timing;
import io.gemlab.experiments.ablate.run.CellRuns.Asked;
import io.gemlab.experiments.ablate.run.CellRuns.Timed;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.program.ProgramNeeds;
import io.gemlab.experiments.program.QuietMachine;
import io.gemlab.experiments.program.TimedCell;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunStore;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import java.util.ArrayList;
import java.util.List;

/**
 * Every timed arm on every path at every length, each in a process of its own. Arms on one path at
 * one length are compared, and take turns; the processes of all lengths are loaded together.
 */
public record TimingRuns(
    AblationRecipe recipe, RunStore store, ProgramNeeds needs, Products products) {
  private static final List<Timed> TIMED =
      List.of(
          new Timed(ModelProgram.FORWARD, Measures.FORWARD_TIME, Measures.FORWARD_MEMORY),
          CellRuns.STEP);

  public void run(RunMonitor monitor, int unitsACell) {
    Timing timing = recipe.timing().orElseThrow();
    CellRuns cells = new CellRuns(TIMED, store, new QuietMachine(), needs);
    AblationRuns runs = new AblationRuns(recipe);
    for (ExecutionPath path : timing.paths()) {
      List<Asked> asked = new ArrayList<>();
      for (int length : timing.lengths()) {
        for (String name : timing.arms()) {
          Arm arm = recipe.arm(name);
          asked.add(
              new Asked(
                  "%s, %d tokens".formatted(name, length),
                  runs.timing(arm, path, length),
                  arm,
                  cell(arm, path, length)));
        }
      }
      cells.make(asked, path.label(), monitor, (_, _) -> {});
      monitor.worked((long) unitsACell * asked.size());
    }
  }

  private TimedCell cell(Arm arm, ExecutionPath path, int length) {
    Timing timing = recipe.timing().orElseThrow();
    return new TimedCell(
        arm.model().withPrecision(timing.precision()),
        TIMED.stream().map(Timed::program).toList(),
        path.withProducts(products),
        new BatchShape(timing.batch(), length),
        timing.samples(),
        false);
  }
}
