package io.gemlab.reports.statistics.effects;

import io.gemlab.reports.statistics.effects.MainEffects.Aliased;
import io.gemlab.reports.statistics.effects.MainEffects.NotEstimable;
import java.util.List;
import java.util.Optional;

/** Whether runs can tell the effects of their factors, and if not, why not and what would help. */
final class Estimability {
  private Estimability() {}

  static Optional<NotEstimable> obstacle(Design design, List<Observation> observations) {
    if (design.varied().isEmpty()) {
      return Optional.of(
          new NotEstimable(
              "no factor was varied: " + design.heldFixed(),
              "run at least one factor at two levels"));
    }
    if (observations.stream().mapToDouble(Observation::value).distinct().count() == 1) {
      return Optional.of(
          new NotEstimable(
              "every run measured " + observations.getFirst().value() + ": no factor moves it",
              "analyse a measure that differs between runs"));
    }
    int unknowns = design.columnNames().size() + 1;
    if (design.runs() <= unknowns) {
      return Optional.of(
          new NotEstimable(
              design.runs()
                  + " runs for "
                  + unknowns
                  + " unknown numbers leave nothing to judge chance by",
              "add a seed, or leave a factor out"));
    }
    if (design.estimable().isEmpty()) {
      Aliased first = aliased(design).getFirst();
      return Optional.of(new NotEstimable(first.reason(), first.remedy()));
    }
    return Optional.empty();
  }

  /** The factors whose effects can't be told from others', and why. */
  static List<Aliased> aliased(Design design) {
    return design.aliased().stream().map(factor -> aliased(design, factor)).toList();
  }

  private static Aliased aliased(Design design, Design.Factor factor) {
    return design
        .twin(factor)
        .map(
            twin ->
                new Aliased(
                    factor.name(),
                    "the same runs have " + twin + ", so their effects can't be told apart",
                    "add an arm that has one without the other, or analyse one of the two factors"))
        .orElseGet(
            () ->
                new Aliased(
                    factor.name(),
                    "the other factors determine "
                        + factor.name()
                        + ", so its effects can't be told from theirs",
                    "add arms that vary " + factor.name() + " alone, or leave it out"));
  }
}
