package io.gemlab.experiments.ablate.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Training;
import io.gemlab.experiments.ablate.run.AblationRuns;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.ablate.run.Trial;
import io.gemlab.experiments.ablate.run.Trials;
import io.gemlab.experiments.program.Turns;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.reports.record.Factor;
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
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the records of an ablation say, once its statistics are made. */
final class Findings {
  static final Confidence CONFIDENCE = Confidence.NINETY_FIVE;

  /** Keys that change which tokens a token sees. */
  private static final Set<String> WINDOWS = Set.of("sliding_window", "layer_types");

  private final AblationRecipe recipe;
  private final List<RunView> runs;

  Findings(AblationRecipe recipe, List<RunRecord> records) {
    this.recipe = recipe;
    this.runs = records.stream().map(RunView::new).toList();
  }

  AblationRecipe recipe() {
    return recipe;
  }

  List<RunView> runs() {
    return runs;
  }

  List<RunRecord> records() {
    return runs.stream().map(RunView::record).toList();
  }

  /** The runs of a kind, in the order of the recipe's arms. */
  List<RunView> runs(String kind) {
    return recipe.arms().stream()
        .flatMap(arm -> runs.stream().filter(run -> run.arm().equals(arm.name())))
        .filter(run -> run.kind().equals(kind))
        .toList();
  }

  /** The complete runs of a kind. */
  List<RunView> complete(String kind) {
    return runs(kind).stream().filter(RunView::isComplete).toList();
  }

  /** The complete training runs of an arm. */
  List<RunView> trained(Arm arm) {
    return complete(AblationRuns.TRAINING).stream()
        .filter(run -> run.arm().equals(arm.name()))
        .toList();
  }

  /** An arm's training step alone, whatever became of it. */
  Optional<RunView> step(Arm arm) {
    return runs(AblationRuns.STEP).stream().filter(run -> run.arm().equals(arm.name())).findFirst();
  }

  /** The timing runs, whatever became of them; empty where nothing was to be timed. */
  Optional<Timings> timings() {
    return recipe.timing().map(timing -> new Timings(timing, runs(AblationRuns.TIMING)));
  }

  /** How the runs ended that arms were tuned by. */
  Trials trials() {
    return Trials.of(recipe, records());
  }

  /** How the runs of an arm ended that are compared. */
  Trial confirmed(Arm arm) {
    int diverged =
        (int)
            runs(AblationRuns.TRAINING).stream()
                .filter(run -> run.arm().equals(arm.name()))
                .filter(RunView::isDiverged)
                .count();
    return new Trial(
        arm.training().schedule().learningRate().peak(),
        arm.training().seeds().size(),
        diverged,
        List.copyOf(losses(arm).bySeed().values()));
  }

  /** The final validation loss of an arm by seed; a run that diverged is left out. */
  ArmSample losses(Arm arm) {
    SortedMap<Long, Double> bySeed = new TreeMap<>();
    for (RunView run : trained(arm)) {
      double loss = run.value(Measures.VALIDATION_LOSS);
      if (Double.isFinite(loss)) bySeed.put(run.seed(), loss);
    }
    return new ArmSample(arm.name(), bySeed);
  }

  /** Every arm's loss against the control's; nothing is compared where runs learned too little. */
  ComparisonFamily comparison() {
    Training training = recipe.training().orElseThrow();
    ArmSample control = losses(recipe.control());
    List<ArmSample> others = recipe.arms().stream().skip(1).map(this::losses).toList();
    return notComparable()
        .map(reason -> ComparisonFamily.notCompared(control, others, CONFIDENCE, reason))
        .orElseGet(
            () ->
                ComparisonFamily.of(
                    control,
                    others,
                    CONFIDENCE,
                    Optional.of(new Margin(training.equivalenceMargin()))));
  }

  /** Why the losses of arms are not compared; empty where they are. */
  Optional<String> notComparable() {
    if (recipe.pilot()) return Optional.of("a pilot draws no conclusion");
    if (!recipe.haveOneText()) {
      return Optional.of("the arms differ in the text or the tokens that their loss is over");
    }
    return learnedTooLittle();
  }

  /** Why losses can't be compared: a model no better than counting pairs of tokens says nothing. */
  Optional<String> learnedTooLittle() {
    int notBelow = notBelowBigram().size();
    if (notBelow == 0) return Optional.empty();
    return Optional.of(
        "%d of %d runs did not get below the bigram entropy"
            .formatted(notBelow, complete(AblationRuns.TRAINING).size()));
  }

  /**
   * Why an arm that came out as the control to the bit computes the same; empty where that isn't
   * known.
   */
  Optional<String> sameBecause(Arm arm) {
    Arm control = recipe.control();
    ObjectNode own = ConfigJson.write(arm.config());
    ObjectNode other = ConfigJson.write(control.config());
    Set<String> differing = new TreeSet<>();
    own.fieldNames().forEachRemaining(differing::add);
    other.fieldNames().forEachRemaining(differing::add);
    differing.removeIf(key -> own.path(key).equals(other.path(key)));
    String attention = arm.model().ops().attention().label();
    boolean sameAttention = attention.equals(control.model().ops().attention().label());
    if (!arm.trained().equals(control.trained())) return Optional.empty();
    if (differing.isEmpty()) {
      return sameAttention ? Optional.of("config and attention are the same") : Optional.empty();
    }
    int length = control.training().data().length();
    int window = Math.min(arm.config().slidingWindow(), control.config().slidingWindow());
    return sameAttention && WINDOWS.containsAll(differing) && window >= length
        ? Optional.of("the window, %d, is not below the length, %d".formatted(window, length))
        : Optional.empty();
  }

  /** What attention, cap and seed do to the loss. */
  MainEffects lossEffects() {
    Optional<String> reason = notComparable();
    if (reason.isPresent()) {
      return new MainEffects.NotEstimable(reason.get(), "the answer above says why");
    }
    return MainEffects.of(
        complete(AblationRuns.TRAINING).stream()
            .filter(run -> Double.isFinite(run.value(Measures.VALIDATION_LOSS)))
            .map(run -> observation(run, Measures.VALIDATION_LOSS, true))
            .toList(),
        EffectScale.DIFFERENCE,
        CONFIDENCE);
  }

  /** What attention, cap, path and length do to a time or a memory that nothing disturbed. */
  MainEffects cellEffects(Measure measure) {
    return MainEffects.of(
        complete(AblationRuns.TIMING).stream()
            .filter(run -> run.measurement(measure).filter(m -> m.getValue() > 0).isPresent())
            .filter(run -> Turns.of(run, measure).disturbance().isEmpty())
            .map(run -> observation(run, measure, false))
            .toList(),
        EffectScale.RATIO,
        CONFIDENCE);
  }

  private static Observation observation(RunView run, Measure measure, boolean bySeed) {
    List<FactorLevel> levels = new ArrayList<>();
    for (Factor factor : run.factors()) {
      levels.add(new FactorLevel(factor.getName(), factor.getLevel()));
    }
    if (bySeed) levels.add(new FactorLevel("seed", Long.toString(run.seed())));
    return new Observation(levels, run.value(measure));
  }

  /** The entropy that a trained model has to get under; empty where arms read several texts. */
  Optional<Double> bigram() {
    List<Double> all =
        complete(AblationRuns.TRAINING).stream()
            .map(run -> run.value(Measures.BIGRAM))
            .distinct()
            .toList();
    return all.size() == 1 ? Optional.of(all.getFirst()) : Optional.empty();
  }

  /** The complete training runs that did not get under it. */
  List<RunView> notBelowBigram() {
    return complete(AblationRuns.TRAINING).stream()
        .filter(run -> !(run.value(Measures.VALIDATION_LOSS) < run.value(Measures.BIGRAM)))
        .toList();
  }
}
