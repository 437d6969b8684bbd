package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.AblationRecipe.Timing;
import io.gemlab.experiments.ablate.RunStore.Run;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.statistics.Summary;
import io.gemlab.reports.statistics.paired.ArmComparison;
import io.gemlab.reports.statistics.paired.ArmComparison.Compared;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What an ablation found, in one sentence with its numbers. */
record Answer(Findings findings) {

  String sentence() {
    List<String> clauses = new ArrayList<>();
    boolean trained = findings.recipe().training().isPresent();
    if (trained && !findings.complete(Run.TRAINING).isEmpty()) clauses.add(loss());
    if (findings.recipe().timing().isPresent()) {
      attentionCost().ifPresent(clauses::add);
      pathCost().ifPresent(clauses::add);
    }
    if (clauses.isEmpty()) return "No run was completed, so there is no answer yet.";
    String sentence = String.join("; ", clauses);
    return sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1) + ".";
  }

  private String loss() {
    Arm control = findings.recipe().control();
    List<Double> losses = List.copyOf(findings.losses(control).bySeed().values());
    if (losses.isEmpty()) return "the control has no complete run";
    if (!findings.notBelowBigram().isEmpty()) {
      return "the runs have not learned enough to compare losses (%d of %d did not get below the bigram entropy)"
          .formatted(findings.notBelowBigram().size(), findings.complete(Run.TRAINING).size());
    }
    List<String> parts = new ArrayList<>();
    for (ArmComparison arm : findings.comparison().arms()) {
      if (arm instanceof Compared compared) parts.add(part(compared));
    }
    return "against %s (validation loss %s nats a token over %d seeds), %s"
        .formatted(
            control.name(),
            Numbers.significant(Summary.of(losses, Findings.CONFIDENCE).mean(), 4),
            losses.size(),
            String.join(", ", parts));
  }

  private static String part(Compared compared) {
    double difference = compared.difference().test().meanDifference();
    double half = compared.difference().test().interval().halfWidth();
    String size = "%+.4f ± %.4f".formatted(difference, half);
    return switch (compared.finding()) {
      case DIFFERENT ->
          "%s is %s (%s)".formatted(compared.arm(), difference < 0 ? "better" : "worse", size);
      case NEGLIGIBLE -> "%s differs negligibly (%s)".formatted(compared.arm(), size);
      case EQUIVALENT -> "%s is equivalent (%s)".formatted(compared.arm(), size);
      case UNDECIDED ->
          compared.difference().test().interval().contains(0)
              ? "%s is undecided (%s)".formatted(compared.arm(), size)
              : "%s is undecided once corrected for several comparisons (%s)"
                  .formatted(compared.arm(), size);
    };
  }

  /** What each attention costs on the control's best path. */
  private Optional<String> attentionCost() {
    TimingSections sections = new TimingSections(findings);
    Timing timing = findings.recipe().timing().orElseThrow();
    String control = timing.arms().getFirst();
    Optional<String> best = best(sections, timing, control);
    if (best.isEmpty()) return Optional.empty();
    List<String> parts = new ArrayList<>();
    for (String arm : timing.arms().subList(1, timing.arms().size())) {
      sections
          .ratio(arm, control, best.get(), sections.longest())
          .ifPresent(
              ratio ->
                  parts.add(
                      "%s takes %s times the step time%s"
                          .formatted(
                              arm,
                              Numbers.significant(ratio.ratio(), 3),
                              memory(sections, arm, control, best.get()))));
    }
    if (parts.isEmpty()) return Optional.empty();
    return Optional.of(
        "at %d tokens on the %s path, %s"
            .formatted(sections.longest(), best.get(), String.join(", ", parts)));
  }

  private static String memory(TimingSections sections, String arm, String control, String path) {
    Optional<Double> own = sections.stepMemory(arm, path, sections.longest());
    Optional<Double> other = sections.stepMemory(control, path, sections.longest());
    if (own.isEmpty() || other.isEmpty()) return "";
    return " and " + Numbers.significant(own.get() / other.get(), 3) + " times the memory";
  }

  /** How the paths compare for the control. */
  private Optional<String> pathCost() {
    TimingSections sections = new TimingSections(findings);
    Timing timing = findings.recipe().timing().orElseThrow();
    String control = timing.arms().getFirst();
    List<String> parts =
        timing.paths().stream()
            .filter(path -> sections.stepTime(control, path, sections.longest()).isPresent())
            .sorted(Comparator.comparing(path -> time(sections, control, path)))
            .map(
                path ->
                    "%s %s ms"
                        .formatted(path, Numbers.significant(time(sections, control, path), 3)))
            .toList();
    if (parts.size() < 2) return Optional.empty();
    return Optional.of(control + "'s training step takes " + String.join(", ", parts));
  }

  private static double time(TimingSections sections, String arm, String path) {
    return sections.stepTime(arm, path, sections.longest()).orElseThrow();
  }

  private static Optional<String> best(TimingSections sections, Timing timing, String arm) {
    return timing.paths().stream()
        .filter(path -> sections.stepTime(arm, path, sections.longest()).isPresent())
        .min(Comparator.comparing(path -> time(sections, arm, path)));
  }
}
