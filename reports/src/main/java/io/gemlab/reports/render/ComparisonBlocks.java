package io.gemlab.reports.render;

import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.IntervalChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.statistics.paired.ArmComparison;
import io.gemlab.reports.statistics.paired.ArmComparison.Compared;
import io.gemlab.reports.statistics.paired.ArmComparison.Identical;
import io.gemlab.reports.statistics.paired.ArmComparison.NotCompared;
import io.gemlab.reports.statistics.paired.ComparisonFamily;
import io.gemlab.reports.statistics.paired.Margin;
import io.gemlab.reports.statistics.paired.PairedComparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** How the arms of an experiment compare with its control: a figure and a table. */
public final class ComparisonBlocks {
  private ComparisonBlocks() {}

  /**
   * The comparison of one measure: a figure if there is one, and a table.
   *
   * @param family its arms, 1 or more
   */
  public static List<Block> of(Quantity measure, ComparisonFamily family) {
    List<Block> blocks = new ArrayList<>();
    figure(measure, family).ifPresent(blocks::add);
    blocks.add(table(measure, family));
    return blocks;
  }

  /** The figure; empty where no arm is compared, since there is nothing to draw. */
  private static Optional<Block> figure(Quantity measure, ComparisonFamily family) {
    if (family.arms().stream().noneMatch(Compared.class::isInstance)) return Optional.empty();
    return Optional.of(
        new Block.Figure(
            chart(measure, family),
            "Difference of each arm from "
                + family.control()
                + ", paired by seed. A 95\u00a0% interval that leaves out zero is a difference that chance"
                + " alone seldom makes."
                + margin(family).map(ComparisonBlocks::equivalence).orElse("")));
  }

  private static String equivalence(Margin margin) {
    return " The band is the margin of ±%s: equivalent is what has its 90\u00a0%% interval, narrower than the one drawn, inside (two one-sided tests at 5\u00a0%%)."
        .formatted(margin.difference());
  }

  private static IntervalChart chart(Quantity measure, ComparisonFamily family) {
    List<IntervalChart.Row> rows =
        family.arms().stream().map(arm -> new IntervalChart.Row(arm.arm(), effect(arm))).toList();
    return new IntervalChart(
        measure.name() + ": difference from " + family.control(),
        Axis.linear(difference(measure, family)),
        OptionalDouble.of(0),
        margin(family),
        List.of(new IntervalChart.Group("", rows)));
  }

  private static Quantity difference(Quantity measure, ComparisonFamily family) {
    return new Quantity(measure.name() + ", arm − " + family.control(), measure.unit());
  }

  private static Value effect(ArmComparison arm) {
    return switch (arm) {
      case NotCompared none -> Value.missing("not compared");
      case Identical same -> Value.missing("computed the same");
      case Compared compared -> {
        PairedComparison test = compared.difference().test();
        yield Value.of(test.meanDifference(), test.interval());
      }
    };
  }

  private static Block.Table table(Quantity measure, ComparisonFamily family) {
    boolean margin = margin(family).isPresent();
    List<Column> columns = new ArrayList<>();
    columns.add(Column.text("arm"));
    columns.add(Column.text("finding"));
    columns.add(Column.estimate(new Quantity("difference", measure.unit())));
    columns.add(Column.pValue("p, difference"));
    columns.add(Column.pValue("p, sign flips"));
    if (margin) columns.add(Column.pValue("p, equivalence"));
    columns.add(Column.number(Quantity.of("Cohen's dz")));
    columns.add(Column.number(Quantity.of("pairs")));
    List<List<Cell>> rows = family.arms().stream().map(arm -> row(arm, columns.size())).toList();
    String caption =
        "Paired t tests against "
            + family.control()
            + margin(family)
                .map(m -> " and two one-sided tests of equivalence within ±" + m.difference())
                .orElse("")
            + "; p\u00a0values adjusted by Holm over the arms. Sign flips: the exact test that supposes no"
            + " normal distribution, not adjusted; with n pairs it can't go below 2^(1\u00a0−\u00a0n).";
    return new Block.Table(caption, columns, rows);
  }

  private static List<Cell> row(ArmComparison arm, int columns) {
    List<Cell> row = new ArrayList<>();
    row.add(Cell.text(arm.arm()));
    switch (arm) {
      case NotCompared none -> {
        row.add(Cell.missing("not compared: " + none.reason()));
        while (row.size() < columns) row.add(Cell.missing("–"));
      }
      case Identical same -> {
        row.add(Cell.text("computed the same: every value is equal to the bit"));
        while (row.size() < columns - 1) row.add(Cell.missing("–"));
        row.add(Cell.number(same.pairs()));
      }
      case Compared compared -> {
        PairedComparison test = compared.difference().test();
        row.add(Cell.text(finding(compared)));
        row.add(Cell.estimate(test.meanDifference(), test.interval()));
        row.add(Cell.pValue(compared.difference().pValue()));
        row.add(
            test.signFlipPValue().isPresent()
                ? Cell.pValue(test.signFlipPValue().getAsDouble())
                : Cell.missing("many pairs"));
        compared.equivalence().ifPresent(equivalence -> row.add(Cell.pValue(equivalence.pValue())));
        row.add(Cell.number(test.cohensDz()));
        row.add(Cell.number(test.n()));
      }
    }
    return row;
  }

  private static String finding(Compared compared) {
    String finding = compared.finding().name().toLowerCase(Locale.ROOT);
    return compared.unpaired().isEmpty()
        ? finding
        : finding + " (without the unpaired seeds " + compared.unpaired() + ")";
  }

  private static Optional<Margin> margin(ComparisonFamily family) {
    return family.arms().stream()
        .filter(Compared.class::isInstance)
        .flatMap(arm -> ((Compared) arm).equivalence().stream())
        .map(equivalence -> equivalence.test().margin())
        .findFirst();
  }
}
