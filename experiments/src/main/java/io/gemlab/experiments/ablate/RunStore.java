package io.gemlab.experiments.ablate;

import com.google.protobuf.Timestamp;
import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import io.gemlab.reports.record.Factor;
import io.gemlab.reports.record.Outcome;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The records of an ablation's runs, one file a run. */
final class RunStore {
  private final Path runs;
  private final AblationRecipe recipe;
  private final String recipeText;
  private final Provenance provenance;

  RunStore(Path runs, AblationRecipe recipe, String recipeText, Provenance provenance) {
    this.runs = runs;
    this.recipe = recipe;
    this.recipeText = recipeText;
    this.provenance = provenance;
  }

  /**
   * A run to be recorded.
   *
   * @param kind {@link #TRAINING}, {@link #TIMING} or {@link #AGREEMENT}
   * @param arm what is run
   * @param seed of it
   * @param factors beside the arm's own
   */
  record Run(String kind, Arm arm, long seed, List<Factor> factors) {
    static final String TRAINING = "training";
    static final String TIMING = "timing";
    static final String AGREEMENT = "agreement";

    Run {
      factors = List.copyOf(factors);
    }

    /** The record's name: unique in the recipe, usable as a file name. */
    String id() {
      List<String> parts = new ArrayList<>(List.of(kind, arm.name()));
      factors.forEach(factor -> parts.add(factor.getLevel()));
      if (kind.equals(TRAINING)) parts.add("seed-" + seed);
      return AblationRecords.slug(parts.toArray(String[]::new));
    }
  }

  Path folder() {
    return runs;
  }

  /** Whether a run was made; a refusal is made too, a failure is not. */
  boolean has(Run run) {
    Path file = runs.resolve(run.id() + ".run.pb");
    if (!Files.exists(file)) return false;
    try {
      Outcome.Status status = RunRecords.read(file).getOutcome().getStatus();
      return status == Outcome.Status.COMPLETE || status == Outcome.Status.REFUSED;
    } catch (IOException e) {
      throw new InvalidInput(e.getMessage(), e);
    }
  }

  /**
   * Makes a run and keeps its record, however it ends: a refusal, an exception and a stop are
   * recorded with their reason. Only a stop goes on to the caller.
   *
   * @param work fills in what it measured
   * @return how it ended
   * @throws RunMonitor.Stopped if the work was stopped
   */
  Outcome.Status make(Run run, Consumer<RunRecord.Builder> work) {
    Timestamp started = Records.now();
    RunRecord.Builder record =
        RunRecord.newBuilder()
            .setId(run.id())
            .setExperiment(recipe.name() + "/" + run.kind())
            .setArm(run.arm().name())
            .setSeed(run.seed())
            .addAllFactors(Factors.of(recipe, run.arm()))
            .addAllFactors(run.factors())
            .addAllDeviations(AblationRecords.deviations(recipe, run.arm()))
            .setStarted(started)
            .setProvenance(provenance)
            .setRecipeYaml(recipeText)
            .setOutcome(Records.complete());
    try {
      work.accept(record);
    } catch (UnsupportedChoiceException refusal) {
      record.setOutcome(Records.refused(refusal.getMessage(), "")).clearDeviations();
    } catch (RunMonitor.Stopped stopped) {
      write(record.setOutcome(Records.interrupted()));
      throw stopped;
    } catch (InvalidInput | NotFiniteException failure) {
      record.setOutcome(Records.failed(failure.getMessage()));
    } catch (RuntimeException | OutOfMemoryError broken) {
      record.setOutcome(Records.failed(broken.toString()));
    }
    write(record);
    return record.getOutcome().getStatus();
  }

  private void write(RunRecord.Builder record) {
    try {
      ReportWriter.write(runs, RunRecords.seal(record.setEnded(Records.now()).build()));
    } catch (IOException e) {
      throw new UncheckedIOException("writing the record of " + record.getId(), e);
    }
  }
}
