package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Training;
import io.gemlab.experiments.ablate.recipe.Basis;
import io.gemlab.experiments.ablate.run.CellRuns.Asked;
import io.gemlab.experiments.machine.MachineRates;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.program.ProgramNeeds;
import io.gemlab.experiments.program.QuietMachine;
import io.gemlab.experiments.program.TimedCell;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunStore;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.RunRecord;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The training step of each arm as it is trained, each in a process of its own: the memory that it
 * takes, and how fast this machine multiplies matrices. Where arms are to be trained for equal time
 * they take turns, and the times set how many steps each of them gets.
 */
public final class StepRuns {
  /** Turns of each step where its time matters. */
  private static final int TURNS = 7;

  private final AblationRecipe recipe;
  private final RunStore store;
  private final ProgramNeeds needs;
  private final OptionalInt threads;
  private final Products products;
  private final Map<Precision, Double> rates = new EnumMap<>(Precision.class);

  /**
   * @param needs what steps need of memory
   * @param threads that runs are trained with; empty for as many as there are cores
   * @param products which kernels compute products
   */
  public StepRuns(
      AblationRecipe recipe,
      RunStore store,
      ProgramNeeds needs,
      OptionalInt threads,
      Products products) {
    this.recipe = recipe;
    this.store = store;
    this.needs = needs;
    this.threads = threads;
    this.products = products;
  }

  /** Turns of each step; for its memory one will do. */
  static int samples(Basis basis) {
    return basis == Basis.TIME ? TURNS : 1;
  }

  public void run(RunMonitor monitor, int unitsACell) {
    AblationRuns runs = new AblationRuns(recipe);
    List<Asked> asked =
        recipe.arms().stream()
            .filter(runs::hasStep)
            .map(arm -> new Asked(arm.name(), runs.step(arm), arm, cell(arm)))
            .toList();
    boolean compared = recipe.basis() == Basis.TIME;
    CellRuns cells =
        new CellRuns(
            List.of(CellRuns.STEP),
            store,
            compared ? new QuietMachine() : QuietMachine.unawaited(),
            needs);
    cells.make(asked, "training step", monitor, this::addRate);
    monitor.worked((long) unitsACell * asked.size());
  }

  private void addRate(Asked step, RunRecord.Builder record) {
    double rate =
        rates.computeIfAbsent(step.arm().training().precision(), MachineRates::measureProducts);
    double cores = Runtime.getRuntime().availableProcessors();
    record.addMeasurements(
        Measures.PRODUCT_RATE.of(threads.isPresent() ? rate * threads.getAsInt() / cores : rate));
  }

  private TimedCell cell(Arm arm) {
    Training training = arm.training();
    return new TimedCell(
        arm.model().withPrecision(training.precision()),
        List.of(ModelProgram.TRAIN),
        training.path().path().withProducts(products),
        new BatchShape(training.data().batch(), training.data().length()),
        samples(training.basis()),
        false,
        threads);
  }
}
