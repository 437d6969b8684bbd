package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.AblationRecipe.Training;
import io.gemlab.experiments.ablate.RunStore.Run;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.effects.EffectScale;
import io.gemlab.reports.statistics.effects.FactorLevel;
import io.gemlab.reports.statistics.effects.MainEffects;
import io.gemlab.reports.statistics.effects.Observation;
import io.gemlab.reports.statistics.paired.ArmSample;
import io.gemlab.reports.statistics.paired.ComparisonFamily;
import io.gemlab.reports.statistics.paired.Margin;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the records of an ablation say, once its statistics are made. */
final class Findings {
  static final Quantity LOSS = new Quantity(TrainingRuns.VALIDATION_LOSS, "nats/token");
  static final Confidence CONFIDENCE = Confidence.NINETY_FIVE;

  private final AblationRecipe recipe;
  private final List<RunRecord> runs;

  Findings(AblationRecipe recipe, List<RunRecord> runs) {
    this.recipe = recipe;
    this.runs = List.copyOf(runs);
  }

  AblationRecipe recipe() {
    return recipe;
  }

  List<RunRecord> runs() {
    return runs;
  }

  /** The runs of a kind, in the order of the recipe's arms. */
  List<RunRecord> runs(String kind) {
    List<RunRecord> chosen = new ArrayList<>();
    for (Arm arm : recipe.arms()) {
      for (RunRecord run : runs) {
        if (run.getExperiment().endsWith("/" + kind) && run.getArm().equals(arm.name())) {
          chosen.add(run);
        }
      }
    }
    return chosen;
  }

  /** The complete runs of a kind. */
  List<RunRecord> complete(String kind) {
    return runs(kind).stream()
        .filter(run -> run.getOutcome().getStatus() == Status.COMPLETE)
        .toList();
  }

  /** The timing run of a cell, whatever became of it. */
  Optional<RunRecord> cell(String arm, String path, int length) {
    return runs(Run.TIMING).stream()
        .filter(run -> run.getArm().equals(arm))
        .filter(run -> TimingRuns.level(run, "path").equals(path))
        .filter(run -> TimingRuns.level(run, "length").equals(Integer.toString(length)))
        .findFirst();
  }

  static Optional<Measurement> measurement(RunRecord run, String name) {
    return run.getMeasurementsList().stream()
        .filter(measurement -> measurement.getName().equals(name))
        .findFirst();
  }

  static double value(RunRecord run, String name) {
    return measurement(run, name).orElseThrow().getValue();
  }

  /** The final validation loss of an arm by seed; a run that diverged is left out. */
  ArmSample losses(Arm arm) {
    SortedMap<Long, Double> bySeed = new TreeMap<>();
    for (RunRecord run : complete(Run.TRAINING)) {
      double loss = value(run, TrainingRuns.VALIDATION_LOSS);
      if (run.getArm().equals(arm.name()) && Double.isFinite(loss)) bySeed.put(run.getSeed(), loss);
    }
    return new ArmSample(arm.name(), bySeed);
  }

  /** Every arm's loss against the control's. */
  ComparisonFamily comparison() {
    Training training = recipe.training().orElseThrow();
    return ComparisonFamily.of(
        losses(recipe.control()),
        recipe.arms().stream().skip(1).map(this::losses).toList(),
        CONFIDENCE,
        Optional.of(new Margin(training.equivalenceMargin())));
  }

  /** What attention, cap and seed do to the loss. */
  MainEffects lossEffects() {
    return MainEffects.of(
        complete(Run.TRAINING).stream()
            .filter(run -> Double.isFinite(value(run, TrainingRuns.VALIDATION_LOSS)))
            .map(run -> observation(run, TrainingRuns.VALIDATION_LOSS, true))
            .toList(),
        EffectScale.DIFFERENCE,
        CONFIDENCE);
  }

  /** What attention, cap, path and length do to a time or a memory. */
  MainEffects cellEffects(String measure) {
    return MainEffects.of(
        complete(Run.TIMING).stream()
            .filter(run -> measurement(run, measure).filter(m -> m.getValue() > 0).isPresent())
            .map(run -> observation(run, measure, false))
            .toList(),
        EffectScale.RATIO,
        CONFIDENCE);
  }

  private static Observation observation(RunRecord run, String measure, boolean bySeed) {
    List<FactorLevel> levels = new ArrayList<>();
    run.getFactorsList()
        .forEach(factor -> levels.add(new FactorLevel(factor.getName(), factor.getLevel())));
    if (bySeed) levels.add(new FactorLevel("seed", Long.toString(run.getSeed())));
    return new Observation(levels, value(run, measure));
  }

  /** The entropy that a trained model has to get under; the same in every run. */
  Optional<Double> bigram() {
    return complete(Run.TRAINING).stream().findFirst().map(run -> value(run, TrainingRuns.BIGRAM));
  }

  /** The complete training runs that did not get under it. */
  List<RunRecord> notBelowBigram() {
    return complete(Run.TRAINING).stream()
        .filter(
            run -> !(value(run, TrainingRuns.VALIDATION_LOSS) < value(run, TrainingRuns.BIGRAM)))
        .toList();
  }
}
