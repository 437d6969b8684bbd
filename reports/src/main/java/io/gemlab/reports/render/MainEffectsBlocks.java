package io.gemlab.reports.render;

import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.IntervalChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.statistics.effects.EffectScale;
import io.gemlab.reports.statistics.effects.MainEffects;
import io.gemlab.reports.statistics.effects.MainEffects.Estimated;
import io.gemlab.reports.statistics.effects.MainEffects.FactorEffect;
import io.gemlab.reports.statistics.effects.MainEffects.NotEstimable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** What each factor of an experiment does to a measure: a figure, a table and how it was fitted. */
public final class MainEffectsBlocks {
  private MainEffectsBlocks() {}

  /** The main effects on one measure, or a notice of why there are none. */
  public static List<Block> of(Quantity measure, MainEffects effects) {
    return switch (effects) {
      case NotEstimable none ->
          List.of(
              new Block.Notice(
                  Block.Notice.Kind.INFO,
                  Block.Paragraph.of(
                      "The main effects on "
                          + measure.name()
                          + " can't be estimated: "
                          + none.reason()
                          + ". Remedy: "
                          + none.remedy()
                          + ".")));
      case Estimated estimated -> {
        List<Block> blocks = new ArrayList<>(aliased(measure, estimated));
        blocks.addAll(
            List.of(figure(measure, estimated), table(measure, estimated), fit(estimated)));
        yield blocks;
      }
    };
  }

  /** One notice of each reason: twins share one. */
  private static List<Block> aliased(Quantity measure, Estimated effects) {
    return effects.aliased().stream()
        .collect(
            Collectors.groupingBy(
                MainEffects.Aliased::reason, LinkedHashMap::new, Collectors.toList()))
        .values()
        .stream()
        .<Block>map(
            same ->
                new Block.Notice(
                    Block.Notice.Kind.INFO,
                    Block.Paragraph.of(
                        "Not among the main effects on "
                            + measure.name()
                            + ": "
                            + same.stream()
                                .map(MainEffects.Aliased::factor)
                                .collect(Collectors.joining(", "))
                            + ". "
                            + sentence(same.getFirst().reason())
                            + ". Remedy: "
                            + same.getFirst().remedy()
                            + ".")))
        .toList();
  }

  private static String sentence(String words) {
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  private static Block.Figure figure(Quantity measure, Estimated effects) {
    boolean ratio = effects.scale() == EffectScale.RATIO;
    Axis axis =
        ratio
            ? Axis.log(Quantity.of(measure.name() + ", ratio to the factor's mean"))
            : Axis.linear(
                new Quantity(
                    measure.name() + ", difference from the factor's mean", measure.unit()));
    List<IntervalChart.Group> groups =
        effects.factors().stream()
            .map(
                factor ->
                    new IntervalChart.Group(
                        factor.factor(),
                        factor.levels().stream()
                            .map(
                                level ->
                                    new IntervalChart.Row(
                                        level.level(), Value.of(level.effect(), level.interval())))
                            .toList()))
            .toList();
    return new Block.Figure(
        new IntervalChart(
            "Main effects on " + measure.name(),
            axis,
            OptionalDouble.of(ratio ? 1 : 0),
            Optional.empty(),
            groups),
        "Main effects on "
            + measure.name()
            + ": each level against the mean over the levels of its factor, the other factors held"
            + " alike.");
  }

  private static Block.Table table(Quantity measure, Estimated effects) {
    List<List<Cell>> rows =
        effects.factors().stream()
            .map(
                (FactorEffect factor) ->
                    List.of(
                        Cell.text(factor.factor()),
                        Cell.number(factor.levels().size()),
                        Cell.number(factor.fStatistic()),
                        Cell.pValue(factor.pValue())))
            .toList();
    return new Block.Table(
        "Does a factor move " + measure.name() + " at all? Partial F tests.",
        List.of(
            Column.text("factor"),
            Column.number(Quantity.of("levels")),
            Column.number(Quantity.of("F")),
            Column.pValue("p")),
        rows);
  }

  private static Block.Paragraph fit(Estimated effects) {
    String fixed =
        effects.heldFixed().isEmpty()
            ? ""
            : effects.heldFixed().stream()
                .map(Object::toString)
                .collect(Collectors.joining(", ", " Held fixed: ", "."));
    return Block.Paragraph.of(
        "Least squares without interactions, by Tribuo's "
            + effects.provenance().getTrainerProvenance().getClassName()
            + "; R² "
            + Numbers.decimals(effects.rSquared(), 3)
            + ", "
            + effects.residualDegreesOfFreedom()
            + " residual degrees of freedom."
            + fixed);
  }
}
