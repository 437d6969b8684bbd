package io.gemlab.reports.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.Hostile;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.Xml;
import io.gemlab.reports.chart.IntervalChart.Group;
import io.gemlab.reports.chart.IntervalChart.Row;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import io.gemlab.reports.statistics.paired.Margin;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class IntervalChartTest {
  private static final Axis DIFFERENCE = Axis.linear(new Quantity("difference", "nats/token"));

  @Test
  void writesEstimatesWithTheDigitsOfTheirIntervals() {
    IntervalChart chart =
        new IntervalChart(
            "Differences",
            DIFFERENCE,
            OptionalDouble.of(0),
            Optional.of(new Margin(0.005)),
            List.of(
                new Group(
                    "attention",
                    List.of(
                        row("blockwise", 0.00012, -0.0009, 0.0011),
                        row("none", 0.0207, 0.0187, 0.0227),
                        new Row("one seed", Value.missing("not compared"))))));
    Document svg = SoundChart.check(chart);
    assertTrue(
        SoundChart.texts(svg)
            .containsAll(
                List.of(
                    "0.0001 [−0.0009, 0.0011]",
                    "0.0207 [0.0187, 0.0227]",
                    "not compared",
                    "attention",
                    "within ±0.005, too small to matter",
                    "estimate with 95 % confidence interval")),
        SoundChart.texts(svg).toString());
    assertEquals(
        "Effects with confidence intervals, difference (nats/token); no effect is 0. attention,"
            + " blockwise: 0.0001 [−0.0009, 0.0011]. attention, none: 0.0207 [0.0187, 0.0227]."
            + " attention, one seed: not compared.",
        Xml.elements(svg, "desc").getFirst().getTextContent());
  }

  /** Half and double lie at equal distances from no effect. */
  @Test
  void ratiosAreDrawnOnALogarithmicAxis() {
    IntervalChart chart =
        new IntervalChart(
            "Ratios",
            Axis.log(Quantity.of("ratio")),
            OptionalDouble.of(1),
            Optional.empty(),
            List.of(
                new Group("", List.of(row("half", 0.5, 0.4, 0.6), row("double", 2, 1.8, 2.2)))));
    List<Double> dots =
        Xml.elements(SoundChart.check(chart), "circle").stream()
            .skip(1) // the legend's
            .map(dot -> Double.valueOf(dot.getAttribute("cx")))
            .toList();
    double none =
        Xml.elements(SoundChart.check(chart), "line").stream()
            .filter(line -> line.getAttribute("class").equals("axis"))
            .mapToDouble(line -> Double.parseDouble(line.getAttribute("x1")))
            .findFirst()
            .orElseThrow();
    assertEquals(none - dots.get(0), dots.get(1) - none, 0.03);
  }

  /** Timings have no line of no effect, and a margin around none is refused. */
  @Test
  void estimatesNeedNoEffectToCompareWith() {
    Axis time = Axis.log(new Quantity("time", "ms"));
    List<Group> groups = List.of(new Group("", List.of(row("graph", 20, 18, 22))));
    Document svg =
        SoundChart.check(
            new IntervalChart("Timings", time, OptionalDouble.empty(), Optional.empty(), groups));
    assertTrue(
        Xml.elements(svg, "line").stream()
            .noneMatch(line -> line.getAttribute("class").equals("axis")));
    assertEquals(
        "Estimates with confidence intervals, time (ms). graph: 20.0 [18.0, 22.0].",
        Xml.elements(svg, "desc").getFirst().getTextContent());
    Optional<Margin> margin = Optional.of(new Margin(1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new IntervalChart("t", time, OptionalDouble.empty(), margin, groups));
  }

  @Test
  void nothingHostileGetsThrough() {
    Random random = new Random(4);
    for (int trial = 0; trial < 200; trial++) {
      List<Group> groups = new ArrayList<>();
      for (int group = random.nextInt(1, 4); group > 0; group--) {
        List<Row> rows = new ArrayList<>();
        for (int i = random.nextInt(1, 5); i > 0; i--) {
          rows.add(new Row(Hostile.name(random), BarChartTest.value(random)));
        }
        groups.add(new Group(Hostile.name(random), rows));
      }
      Optional<Margin> margin =
          random.nextBoolean()
              ? Optional.empty()
              : Optional.of(new Margin(1e-9 + Math.abs(Hostile.number(random))));
      SoundChart.check(
          new IntervalChart(
              Hostile.name(random),
              Axis.linear(Hostile.quantity(random)),
              OptionalDouble.of(0),
              margin,
              groups));
    }
  }

  @Test
  void refusesWhatCantBeDrawn() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new IntervalChart("t", DIFFERENCE, OptionalDouble.of(0), Optional.empty(), List.of()));
    Group negative = new Group("", List.of(row("negative", -1, -2, 1)));
    Axis log = Axis.log(Quantity.of("ratio"));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new IntervalChart("t", log, OptionalDouble.of(1), Optional.empty(), List.of(negative)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new IntervalChart("t", log, OptionalDouble.of(0), Optional.empty(), List.of()));
  }

  private static Row row(String name, double effect, double low, double high) {
    return new Row(name, Value.of(effect, new Interval(low, high, Confidence.NINETY_FIVE)));
  }
}
