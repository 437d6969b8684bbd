package io.gemlab.reports.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.Hostile;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.Xml;
import io.gemlab.reports.chart.LineChart.Point;
import io.gemlab.reports.chart.LineChart.Reference;
import io.gemlab.reports.chart.LineChart.Series;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class LineChartTest {
  private static final Axis STEP = Axis.linear(Quantity.of("step"));
  private static final Axis LOSS = Axis.linear(new Quantity("loss", "nats/token"));

  @Test
  void namesAxesUnitsAndSeries() {
    Document svg =
        SoundChart.check(chart(series("eager", 3, 2.5, 2), series("blockwise", 3, 2.4, 2)));
    assertTrue(SoundChart.texts(svg).containsAll(List.of("loss (nats/token)", "step", "eager")));
    assertEquals(
        "Line chart of loss (nats/token) over step. eager: 3.000 at 0 to 2.000 at 2."
            + " blockwise: 3.000 at 0 to 2.000 at 2.",
        Xml.elements(svg, "desc").getFirst().getTextContent());
  }

  /** In a curve of many points, of which few have marks, too. */
  @Test
  void hollowPointsAreOutlined() {
    List<Point> points = new ArrayList<>();
    for (int x = 0; x < 40; x++) points.add(new Point(x, 1, Optional.empty(), x == 3 || x == 4));
    Document svg = SoundChart.check(chart(new Series("a", points)));
    assertEquals(
        2,
        Xml.elements(svg, "circle").stream()
            .filter(mark -> mark.getAttribute("class").equals("mark c0 open"))
            .count());
  }

  /** There is no step and a half. */
  @Test
  void marksBetweenWholeNumbersAreLeftOut() {
    List<String> marks = SoundChart.texts(SoundChart.check(chart(series("a", 3, 2.5, 2.2, 2.1))));
    assertTrue(marks.containsAll(List.of("0", "1", "2", "3")), marks::toString);
    assertFalse(marks.contains("0.5"), marks::toString);
  }

  @Test
  void bytesDoNotDependOnTheLocale() {
    LineChart chart = chart(series("a", 1234.5, 0.25, 1e-7));
    String before = chart.svg("id", Layout.WIDE).render();
    Locale locale = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertEquals(before, chart.svg("id", Layout.WIDE).render());
    } finally {
      Locale.setDefault(locale);
    }
  }

  /**
   * The picture of a small chart, whole: whoever changes how charts look, changes this on purpose.
   */
  @Test
  void bytesAreStable() {
    LineChart chart =
        new LineChart(
            "Loss", STEP, LOSS, List.of(series("a<b", 3, 2)), List.of(new Reference("bound", 2.5)));
    assertEquals(
        """
        <svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-labelledby="f1-title f1-desc" viewBox="0 0 340 293" width="340" height="293" font-size="12">
        <title id="f1-title">Loss</title>
        <desc id="f1-desc">Line chart of loss (nats/token) over step. a&lt;b: 3.000 at 0 to 2.000 at 1. bound: 2.500.</desc>
        <line x1="0" y1="8" x2="26" y2="8" class="line c0"></line>
        <circle cx="13" cy="8" r="4" class="mark c0"></circle>
        <text x="33" y="12" class="label">a&lt;b</text>
        <line x1="80.2" y1="8" x2="106.2" y2="8" class="reference"></line>
        <text x="113.2" y="12" class="label">bound, 2.500</text>
        <text x="0" y="36" class="muted">loss (nats/token)</text>
        <line x1="27.2" y1="250" x2="334" y2="250" class="grid"></line>
        <text x="21.2" y="254.32" class="muted" text-anchor="end">2.0</text>
        <line x1="27.2" y1="210" x2="334" y2="210" class="grid"></line>
        <text x="21.2" y="214.32" class="muted" text-anchor="end">2.2</text>
        <line x1="27.2" y1="170" x2="334" y2="170" class="grid"></line>
        <text x="21.2" y="174.32" class="muted" text-anchor="end">2.4</text>
        <line x1="27.2" y1="130" x2="334" y2="130" class="grid"></line>
        <text x="21.2" y="134.32" class="muted" text-anchor="end">2.6</text>
        <line x1="27.2" y1="90" x2="334" y2="90" class="grid"></line>
        <text x="21.2" y="94.32" class="muted" text-anchor="end">2.8</text>
        <line x1="27.2" y1="50" x2="334" y2="50" class="grid"></line>
        <text x="21.2" y="54.32" class="muted" text-anchor="end">3.0</text>
        <line x1="27.2" y1="150" x2="334" y2="150" class="reference"></line>
        <path d="M31.2 50L334 250" class="line c0"></path>
        <circle cx="31.2" cy="50" r="4" class="mark c0"><title>a&lt;b: loss 3.000 at step 0</title></circle>
        <circle cx="334" cy="250" r="4" class="mark c0"><title>a&lt;b: loss 2.000 at step 1</title></circle>
        <line x1="27.2" y1="250" x2="334" y2="250" class="axis"></line>
        <line x1="31.2" y1="250" x2="31.2" y2="255" class="axis"></line>
        <line x1="334" y1="250" x2="334" y2="255" class="axis"></line>
        <text x="31.2" y="269" class="muted" text-anchor="middle">0</text>
        <text x="334" y="269" class="muted" text-anchor="middle">1</text>
        <text x="334" y="287" class="muted" text-anchor="end">step</text>
        </svg>
        """,
        chart.svg("f1", Layout.NARROW).render() + "\n");
  }

  @Test
  void aRunThatDivergedLeavesAGapAndANote() {
    Document svg =
        SoundChart.check(chart(series("diverged", 3, 2, Double.NaN, Double.POSITIVE_INFINITY, 5)));
    assertTrue(
        SoundChart.texts(svg)
            .contains("diverged: 2 of 5 points can't be drawn, the first at step 2 with loss NaN."),
        SoundChart.texts(svg).toString());
    long lines =
        Xml.elements(svg, "path").stream()
            .filter(path -> path.getAttribute("class").startsWith("line"))
            .count();
    assertEquals(1, lines, "the lone point after the gap is a mark, not a line");
  }

  @Test
  void valuesThatAreNotPositiveHaveNoPlaceOnALogarithmicAxis() {
    LineChart chart =
        new LineChart(
            "t", STEP, Axis.log(LOSS.quantity()), List.of(series("a", 0, -1, 10)), List.of());
    assertTrue(SoundChart.texts(SoundChart.check(chart)).toString().contains("2 of 3 points"));
  }

  @Test
  void onePointEqualValuesAndNoPointsAreDrawnToo() {
    SoundChart.check(chart(series("one", 2.5)));
    SoundChart.check(chart(series("equal", 2.5, 2.5, 2.5)));
    SoundChart.check(chart(series("zero", 0, 0)));
    assertTrue(
        SoundChart.texts(SoundChart.check(chart(series("none")))).contains("none: no points."));
    SoundChart.check(chart(series("all lost", Double.NaN)));
  }

  @Test
  void lengthsHaveMarksAtPowersOfTwo() {
    LineChart chart =
        new LineChart(
            "t",
            Axis.log2(new Quantity("length", "tokens")),
            LOSS,
            List.of(
                new Series("a", List.of(Point.of(256, 1), Point.of(1024, 2), Point.of(8192, 3)))),
            List.of());
    assertTrue(
        SoundChart.texts(SoundChart.check(chart))
            .containsAll(List.of("256", "512", "1024", "2048", "4096", "8192")));
  }

  @Test
  void manyPointsAreThinnedToWhatThePictureShows() {
    double[] values = new Random(1).doubles(100_000).toArray();
    values[54_321] = 100;
    String svg = chart(series("long", values)).svg("id", Layout.WIDE).render();
    assertTrue(svg.length() < 60_000, "bytes: " + svg.length());
    assertTrue(SoundChart.texts(SoundChart.check(chart(series("long", values)))).contains("100"));
  }

  @Test
  void seriesBeyondTheColoursDifferInShape() {
    List<String> marks = new ArrayList<>();
    for (int series = 0; series < 21; series++) {
      marks.add(Shape.of(series) + ChartStyle.colour(series));
    }
    assertEquals(21, marks.stream().distinct().count());
  }

  @Test
  void nothingHostileGetsThrough() {
    Random random = new Random(2);
    for (int trial = 0; trial < 200; trial++) {
      LineChart chart = hostile(random);
      SoundChart.check(chart);
      String svg = chart.svg("id", Layout.WIDE).render();
      assertFalse(svg.contains("<script") || svg.contains("<b>"), svg);
    }
  }

  @Test
  void refusesWhatCantBeDrawn() {
    assertThrows(IllegalArgumentException.class, () -> chart());
    assertThrows(
        IllegalArgumentException.class,
        () -> new Series("back", List.of(Point.of(2, 1), Point.of(1, 1))));
    assertThrows(
        IllegalArgumentException.class, () -> new Series("nan", List.of(Point.of(Double.NaN, 1))));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new LineChart(
                "t",
                STEP,
                Axis.log(LOSS.quantity()),
                List.of(series("a", 1)),
                List.of(new Reference("zero", 0))));
  }

  private static LineChart hostile(Random random) {
    List<Series> series = new ArrayList<>();
    for (int i = random.nextInt(1, 9); i > 0; i--) {
      double[] xs = new double[random.nextInt(0, 40)];
      for (int k = 0; k < xs.length; k++) xs[k] = Hostile.number(random);
      Arrays.sort(xs);
      List<Point> points = new ArrayList<>();
      for (double x : xs) {
        double y = random.nextInt(10) == 0 ? Double.NaN : Hostile.number(random);
        boolean spread = random.nextInt(4) == 0 && Double.isFinite(y);
        points.add(
            new Point(
                x,
                y,
                spread
                    ? Optional.of(new Interval(y - Math.abs(y), y + 1, Confidence.NINETY_FIVE))
                    : Optional.empty()));
      }
      series.add(new Series(Hostile.name(random), points));
    }
    Spacing[] spacings = Spacing.values();
    Axis y = new Axis(Hostile.quantity(random), spacings[random.nextInt(3)]);
    List<Reference> references =
        random.nextBoolean()
            ? List.of()
            : List.of(new Reference(Hostile.name(random), 1 + Math.abs(Hostile.number(random))));
    return new LineChart(
        Hostile.name(random),
        new Axis(Hostile.quantity(random), spacings[random.nextInt(3)]),
        y,
        series,
        references);
  }

  private static LineChart chart(Series... series) {
    return new LineChart("Loss by step", STEP, LOSS, List.of(series), List.of());
  }

  private static Series series(String name, double... ys) {
    List<Point> points = new ArrayList<>();
    for (int x = 0; x < ys.length; x++) points.add(Point.of(x, ys[x]));
    return new Series(name, points);
  }
}
