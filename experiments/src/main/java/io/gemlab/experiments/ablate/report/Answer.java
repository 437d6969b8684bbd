package io.gemlab.experiments.ablate.report;

import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.Tuning;
import io.gemlab.experiments.ablate.run.AblationRuns;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.ablate.run.Trial;
import io.gemlab.experiments.recipe.Level;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.statistics.Interval;
import io.gemlab.reports.statistics.Proportion;
import io.gemlab.reports.statistics.Summary;
import io.gemlab.reports.statistics.paired.ArmComparison;
import io.gemlab.reports.statistics.paired.ArmComparison.Compared;
import io.gemlab.reports.statistics.paired.ArmComparison.Identical;
import io.gemlab.reports.statistics.paired.ArmComparison.NotCompared;
import io.gemlab.reports.statistics.paired.EquivalencePower;
import io.gemlab.reports.statistics.paired.Finding;
import io.gemlab.reports.statistics.paired.Margin;
import io.gemlab.reports.statistics.paired.PairedComparison;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What an ablation found, a sentence each with its numbers. */
record Answer(Findings findings) {
  /** How likely as many seeds as are said would find arms equivalent that are. */
  private static final double POWER = 0.8;

  List<String> sentences() {
    if (findings.recipe().pilot()) {
      return List.of(
          "This is a pilot: it shows what runs and how it looks, and draws no conclusion.");
    }
    List<String> all = new ArrayList<>();
    boolean trained = findings.recipe().training().isPresent();
    if (trained && !findings.complete(AblationRuns.TRAINING).isEmpty()) all.addAll(losses());
    findings.recipe().tuning().ifPresent(tuning -> all.addAll(rates(tuning)));
    if (findings.recipe().tuning().isPresent()) all.addAll(divergence());
    findings.timings().flatMap(Answer::attentionCost).ifPresent(all::add);
    findings.timings().flatMap(Answer::pathCost).ifPresent(all::add);
    if (all.isEmpty()) return List.of(withoutComparison());
    return all.stream()
        .map(one -> one.substring(0, 1).toUpperCase(Locale.ROOT) + one.substring(1) + ".")
        .toList();
  }

  /** Where runs are complete, they were not those that an answer compares. */
  private String withoutComparison() {
    long complete = findings.complete(AblationRuns.TIMING).size();
    return complete == 0
        ? "No run was completed, so there is no answer yet."
        : "Of the timed cells %d %s complete and none can be compared with another: the control's is missing, or it is the only one."
            .formatted(complete, complete == 1 ? "is" : "are");
  }

  /** At which learning rate each arm does best. */
  private List<String> rates(Tuning tuning) {
    List<String> best = new ArrayList<>();
    List<String> none = new ArrayList<>();
    findings
        .trials()
        .byArm()
        .forEach(
            (arm, trials) -> {
              Double rate = tuning.chosen().get(arm);
              if (rate != null) {
                best.add("%s at %s".formatted(arm, Level.of(rate)));
              } else if (trials.stream().allMatch(trial -> trial.diverged() == trial.seeds())) {
                none.add(arm + " diverged at every learning rate, and is compared at none");
              } else {
                none.add(arm + " has no learning rate yet: runs that it is tuned by are missing");
              }
            });
    if (!best.isEmpty()) {
      none.addFirst(
          "each arm is compared at its best of %d learning rates, chosen under %d other seeds: %s"
              .formatted(
                  tuning.learningRates().size(), tuning.seeds().size(), String.join(", ", best)));
    }
    return none;
  }

  /** Where arms diverge otherwise than the control, a sentence a learning rate. */
  private List<String> divergence() {
    List<String> sentences = new ArrayList<>();
    if (findings.runs(AblationRuns.TUNING).isEmpty()) return sentences;
    Map<String, List<Trial>> byArm = findings.trials().byArm();
    List<Trial> control = byArm.get(findings.recipe().control().name());
    for (int rate = 0; rate < control.size(); rate++) {
      int place = rate;
      List<String> parts = new ArrayList<>();
      byArm.forEach(
          (arm, trials) -> {
            Trial trial = trials.get(place);
            if (trial.runs() > 0) parts.add(diverged(arm, trial));
          });
      boolean differs =
          byArm.values().stream().map(trials -> trials.get(place).diverged()).distinct().count()
              > 1;
      if (!differs) continue;
      sentences.add(
          "at a learning rate of %s %s"
              .formatted(Level.of(control.get(place).learningRate()), String.join(", ", parts)));
    }
    boolean none =
        byArm.values().stream().flatMap(List::stream).allMatch(trial -> trial.diverged() == 0);
    if (none) sentences.add("no run diverged while the arms were tuned");
    else if (sentences.isEmpty()) {
      sentences.add("at each learning rate the arms diverged equally often");
    }
    for (Arm arm : findings.recipe().arms()) {
      Trial confirmed = findings.confirmed(arm);
      if (findings.recipe().hasRate(arm) && confirmed.diverged() > 0) {
        sentences.add("at its best rate " + diverged(arm.name(), confirmed));
      }
    }
    return sentences;
  }

  private static String diverged(String arm, Trial trial) {
    Proportion share = Proportion.of(trial.diverged(), trial.runs(), Findings.CONFIDENCE);
    return "%s diverged in %d of %d runs (95%% interval %s to %s %%)"
        .formatted(
            arm,
            share.count(),
            share.n(),
            Numbers.decimals(100 * share.interval().low(), 0),
            Numbers.decimals(100 * share.interval().high(), 0));
  }

  /** A sentence on the control, and one on each arm. */
  private List<String> losses() {
    Arm control = findings.recipe().control();
    List<Double> losses = List.copyOf(findings.losses(control).bySeed().values());
    if (losses.isEmpty()) return List.of("the control has no complete run");
    if (!findings.recipe().haveOneText()) {
      return List.of("losses are not compared: " + findings.notComparable().orElseThrow());
    }
    Optional<String> tooLittle = findings.learnedTooLittle();
    if (tooLittle.isPresent()) {
      return List.of(
          "the runs have not learned enough to compare losses (%s)".formatted(tooLittle.get()));
    }
    List<String> sentences = new ArrayList<>();
    for (ArmComparison arm : findings.comparison().arms()) {
      switch (arm) {
        case Compared compared -> sentences.add(part(compared));
        case Identical same -> sentences.add(identical(same));
        case NotCompared none ->
            sentences.add(none.arm() + " is not compared: it " + none.reason());
      }
    }
    sentences.add(
        "%s, the control, ends at a validation loss of %s nats a token over %d seeds"
            .formatted(
                control.name(),
                Numbers.significant(Summary.of(losses, Findings.CONFIDENCE).mean(), 4),
                losses.size()));
    seedsWanted().ifPresent(sentences::add);
    return sentences;
  }

  private String identical(Identical same) {
    return "%s computed the same as %s%s"
        .formatted(
            same.arm(),
            findings.recipe().control().name(),
            findings
                .sameBecause(findings.recipe().arm(same.arm()))
                .map(reason -> ": " + reason)
                .orElse(": every loss is equal to the bit"));
  }

  private String part(Compared compared) {
    double difference = compared.difference().test().meanDifference();
    String arm = compared.arm();
    String control = findings.recipe().control().name();
    String said =
        switch (compared.finding()) {
          case DIFFERENT ->
              "%s is %s than %s".formatted(arm, difference < 0 ? "better" : "worse", control);
          case NEGLIGIBLE ->
              "%s differs from %s by less than %s nats a token"
                  .formatted(arm, control, margin(compared));
          case EQUIVALENT ->
              "%s is equivalent to %s within ±%s nats a token"
                  .formatted(arm, control, margin(compared));
          case UNDECIDED ->
              compared.difference().test().interval().contains(0)
                  ? "%s against %s is undecided".formatted(arm, control)
                  : "%s against %s is undecided once corrected for several comparisons"
                      .formatted(arm, control);
        };
    Interval interval = judged(compared);
    return "%s: validation loss %+.4f ± %.4f nats a token (%.0f %% interval)"
        .formatted(said, difference, interval.halfWidth(), 100 * interval.confidence().level());
  }

  /** How many seeds what is undecided wants; empty where nothing is, or these would do. */
  private Optional<String> seedsWanted() {
    int most = 0;
    int had = 0;
    for (ArmComparison arm : findings.comparison().arms()) {
      if (!(arm instanceof Compared compared) || compared.finding() != Finding.UNDECIDED) continue;
      PairedComparison test = compared.difference().test();
      if (compared.equivalence().isEmpty() || test.standardDeviation() == 0) continue;
      Margin margin = compared.equivalence().orElseThrow().test().margin();
      OptionalInt seeds = EquivalencePower.pairs(test, margin, Findings.CONFIDENCE, POWER);
      if (seeds.isEmpty()) {
        return Optional.of("these seeds scatter too much for any number of them to settle it");
      }
      most = Math.max(most, seeds.getAsInt());
      had = Math.max(had, test.n());
    }
    if (most <= had) return Optional.empty();
    return Optional.of(
        "%d seeds instead of %d should find what is undecided equivalent, if it is (power %.0f %%, by the upper limit of these seeds' scatter): --resume takes more seeds"
            .formatted(most, had, 100 * POWER));
  }

  /** The interval by which it was found: two one-sided tests at 5 % have a 90 % interval. */
  private static Interval judged(Compared compared) {
    return compared.finding() == Finding.EQUIVALENT
        ? compared.equivalence().orElseThrow().test().interval()
        : compared.difference().test().interval();
  }

  private static double margin(Compared compared) {
    return compared.equivalence().orElseThrow().test().margin().difference();
  }

  /** What each attention costs on the control's best path. */
  private static Optional<String> attentionCost(Timings timings) {
    Optional<ExecutionPath> best = fastest(timings).stream().findFirst();
    if (best.isEmpty()) return Optional.empty();
    int length = timings.longest();
    boolean compared =
        timings.others().stream()
            .anyMatch(arm -> timings.notCompared(arm, best.get(), length).isEmpty());
    List<String> parts = new ArrayList<>();
    for (String arm : timings.others()) {
      timings
          .stepRatio(arm, best.get(), length)
          .ifPresent(
              ratio ->
                  parts.add(
                      "%s takes %s times the step time%s"
                          .formatted(arm, times(ratio), memory(timings, arm, best.get()))));
      timings
          .notCompared(arm, best.get(), length)
          .ifPresent(reason -> parts.add(arm + "'s step time is not compared: " + reason));
    }
    if (parts.isEmpty()) return Optional.empty();
    String found =
        compared
            ? String.join(", ", parts)
            : "the arms' step time is not compared: "
                + timings
                    .notCompared(timings.others().getFirst(), best.get(), length)
                    .orElseThrow();
    return Optional.of(
        "at %d tokens on the %s path, %s".formatted(length, best.get().label(), found));
  }

  private static String times(Timings.Ratio ratio) {
    if (!ratio.isWide()) return Numbers.significant(ratio.ratio(), 3);
    return "between %s and %s"
        .formatted(
            Numbers.significant(ratio.interval().low(), 2),
            Numbers.significant(ratio.interval().high(), 2));
  }

  private static String memory(Timings timings, String arm, ExecutionPath path) {
    int length = timings.longest();
    Optional<Double> own = timings.value(Measures.STEP_MEMORY, arm, path, length);
    Optional<Double> other = timings.value(Measures.STEP_MEMORY, timings.control(), path, length);
    if (own.isEmpty() || other.isEmpty()) return "";
    return " and " + Numbers.significant(own.get() / other.get(), 3) + " times the memory";
  }

  /** How the paths compare for the control. */
  private static Optional<String> pathCost(Timings timings) {
    List<String> parts =
        fastest(timings).stream()
            .filter(path -> undisturbed(timings, path))
            .map(
                path ->
                    "%s %s ms"
                        .formatted(
                            path.label(),
                            Numbers.significant(stepTime(timings, path).orElseThrow(), 3)))
            .toList();
    if (parts.size() < 2) return Optional.empty();
    return Optional.of(timings.control() + "'s training step takes " + String.join(", ", parts));
  }

  /** The paths on which the control was timed, the fastest first; after them the disturbed ones. */
  private static List<ExecutionPath> fastest(Timings timings) {
    return timings.timing().paths().stream()
        .filter(path -> stepTime(timings, path).isPresent())
        .sorted(
            Comparator.comparing((ExecutionPath path) -> !undisturbed(timings, path))
                .thenComparing(path -> stepTime(timings, path).orElseThrow()))
        .toList();
  }

  private static boolean undisturbed(Timings timings, ExecutionPath path) {
    return timings.disturbance(timings.control(), path, timings.longest()).isEmpty();
  }

  private static Optional<Double> stepTime(Timings timings, ExecutionPath path) {
    return timings.value(Measures.STEP_TIME, timings.control(), path, timings.longest());
  }
}
