package io.gemlab.reports.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.Hostile;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.Xml;
import io.gemlab.reports.chart.BarChart.Group;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class BarChartTest {
  private static final Quantity TIME = new Quantity("step time", "ms");

  @Test
  void writesValuesReasonsAndUnits() {
    Interval interval = new Interval(11.8, 12.7, Confidence.NINETY_FIVE);
    BarChart chart =
        new BarChart(
            "Step time",
            TIME,
            List.of("eager", "sdpa"),
            List.of(
                new Group("graph", List.of(Value.of(12.346, interval), Value.missing("refused"))),
                new Group("fused", List.of(Value.of(10), Value.of(8.25)))));
    Document svg = SoundChart.check(chart);
    assertTrue(
        SoundChart.texts(svg)
            .containsAll(
                List.of(
                    "12.35",
                    "refused",
                    "8.25",
                    "step time (ms)",
                    "Error bars: 95 % confidence intervals.")),
        SoundChart.texts(svg).toString());
    assertEquals(
        "Bar chart of step time (ms). graph, eager: 12.35 ms (11.80 to 12.70). graph, sdpa:"
            + " refused. fused, eager: 10.0 ms. fused, sdpa: 8.25 ms.",
        Xml.elements(svg, "desc").getFirst().getTextContent());
  }

  /** Twice the value is twice the length, from zero on. */
  @Test
  void lengthsCompare() {
    BarChart chart =
        new BarChart(
            "t",
            TIME,
            List.of("one"),
            List.of(
                new Group("a", List.of(Value.of(30))),
                new Group("b", List.of(Value.of(60))),
                new Group("c", List.of(Value.of(-15)))));
    List<Double> widths =
        Xml.elements(SoundChart.check(chart), "rect").stream()
            .map(bar -> Double.valueOf(bar.getAttribute("width")))
            .toList();
    assertEquals(2 * widths.get(0), widths.get(1), 0.02);
    assertEquals(widths.get(0) / 2, widths.get(2), 0.02);
  }

  @Test
  void nothingToShowIsShown() {
    BarChart refused =
        new BarChart(
            "t", TIME, List.of("one"), List.of(new Group("a", List.of(Value.missing("refused")))));
    assertTrue(SoundChart.texts(SoundChart.check(refused)).contains("refused"));
    BarChart zero =
        new BarChart("t", TIME, List.of("one"), List.of(new Group("a", List.of(Value.of(0)))));
    List<Element> bars = Xml.elements(SoundChart.check(zero), "rect");
    assertEquals("0", bars.getFirst().getAttribute("width"));
  }

  @Test
  void nothingHostileGetsThrough() {
    Random random = new Random(3);
    for (int trial = 0; trial < 200; trial++) {
      int series = random.nextInt(1, 6);
      List<String> names = new ArrayList<>();
      for (int i = 0; i < series; i++) names.add(Hostile.name(random));
      List<Group> groups = new ArrayList<>();
      for (int group = random.nextInt(1, 5); group > 0; group--) {
        List<Value> bars = new ArrayList<>();
        for (int i = 0; i < series; i++) bars.add(value(random));
        groups.add(new Group(Hostile.name(random), bars));
      }
      BarChart chart = new BarChart(Hostile.name(random), Hostile.quantity(random), names, groups);
      SoundChart.check(chart);
      assertFalse(chart.svg("id", Layout.WIDE).render().contains("<script"));
    }
  }

  static Value value(Random random) {
    double number = Hostile.number(random);
    return switch (random.nextInt(4)) {
      case 0 -> Value.missing("m" + Hostile.name(random));
      case 1 -> Value.of(number);
      default ->
          Value.of(
              number,
              new Interval(
                  number - Math.abs(number) * random.nextDouble(),
                  number + Math.abs(Hostile.number(random)),
                  Confidence.NINETY_FIVE));
    };
  }

  @Test
  void refusesWhatCantBeDrawn() {
    assertThrows(IllegalArgumentException.class, () -> Value.of(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Value.of(1e300));
    assertThrows(IllegalArgumentException.class, () -> Value.missing(" "));
    assertThrows(
        IllegalArgumentException.class, () -> new BarChart("t", TIME, List.of("a"), List.of()));
    var thrown =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new BarChart(
                    "t", TIME, List.of("a", "b"), List.of(new Group("g", List.of(Value.of(1))))));
    assertTrue(thrown.getMessage().contains("1 bars for 2 series"), thrown.getMessage());
  }
}
