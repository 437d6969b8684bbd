package io.gemlab.reports.chart;

import io.gemlab.reports.Markup;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.chart.Canvas.Anchor;
import io.gemlab.reports.chart.LineChart.Point;
import io.gemlab.reports.chart.LineChart.Reference;
import io.gemlab.reports.chart.LineChart.Series;
import io.gemlab.reports.statistics.Interval;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Draws a {@link LineChart}. */
final class LineDrawing {
  private static final double PLOT_SHARE = 0.42;
  private static final double PLOT_LEAST = 200;
  private static final double TICK = 5;

  /** More marks than this along the bottom would tell no more. */
  private static final int MOST_MARKS = 10;

  /** Up to this many points a curve, each has its mark. */
  private static final int MARKED = 16;

  /** A longer curve has about this many, to tell it from others without colour. */
  private static final int SPARSE_MARKS = 6;

  private final LineChart chart;
  private final Canvas canvas;

  LineDrawing(LineChart chart, Layout layout) {
    this.chart = chart;
    this.canvas = new Canvas(layout);
  }

  Markup.Element draw(String id) {
    double top = legend().draw(canvas, 0) + 8;
    List<String> yTitle = canvas.wrap(chart.y().quantity().label(), canvas.layout().width());
    top = canvas.lines(0, top, yTitle, Anchor.START, "muted") + 4 + canvas.layout().fontSize() / 2;

    double bottom = top + Math.max(PLOT_LEAST, Math.ceil(PLOT_SHARE * canvas.layout().width()));
    Ticks yTicks = yTicks(bottom - top);
    Ruler y = new Ruler(chart.y().spacing(), yTicks.bounds(), bottom, top);
    double left = TICK + 3 + widest(yTicks);
    HorizontalAxis axis =
        HorizontalAxis.fitting(
            canvas, MOST_MARKS, most -> xTicks(most), ticks -> xRuler(ticks, left));
    Ruler x = axis.ruler();

    grid(yTicks, y, left, x.end());
    for (int i = 0; i < chart.series().size(); i++) band(chart.series().get(i), i, x, y);
    for (Reference reference : chart.references()) {
      canvas.line(left, y.at(reference.y()), x.end(), y.at(reference.y()), "reference");
    }
    for (int i = 0; i < chart.series().size(); i++) curve(chart.series().get(i), i, x, y);
    double end = bottomAxis(axis, left, bottom);
    end = canvas.notes(end, LineWords.notes(chart));
    return canvas.finish(id, chart.title(), LineWords.description(chart), end + 2);
  }

  private Legend legend() {
    Legend legend = new Legend();
    for (int i = 0; i < chart.series().size(); i++) {
      int series = i;
      legend.add(
          chart.series().get(i).name(),
          (on, left, middle) -> {
            on.line(
                left, middle, left + Legend.SAMPLE, middle, "line " + ChartStyle.colour(series));
            on.add(Shape.of(series).at(left + Legend.SAMPLE / 2, middle, series));
          });
    }
    for (Reference reference : chart.references()) {
      legend.add(
          reference.name() + ", " + Numbers.plain(reference.y()),
          (on, left, middle) -> on.line(left, middle, left + Legend.SAMPLE, middle, "reference"));
    }
    return legend;
  }

  private Bounds yBounds() {
    DoubleSummaryStatistics values = new DoubleSummaryStatistics();
    chart.references().forEach(reference -> values.accept(reference.y()));
    chart.series().stream()
        .flatMap(series -> series.points().stream())
        .filter(chart::drawable)
        .forEach(
            point -> {
              values.accept(point.y());
              ends(point).forEach(values::accept);
            });
    return bounds(chart.y().spacing(), values);
  }

  /** Between whole numbers, such as steps or layers, there are no marks. */
  private Ticks xTicks(int most) {
    Bounds bounds = xBounds();
    boolean whole = drawn().mapToDouble(Point::x).allMatch(x -> x == Math.rint(x));
    boolean bounded = whole && bounds.high() - bounds.low() < most;
    int room = bounded ? Math.max(2, 1 + (int) (bounds.high() - bounds.low())) : most;
    return Ticks.inside(chart.x().spacing(), bounds, room);
  }

  /** Those that can't be drawn have their place on the axis too: the gap is seen. */
  private Bounds xBounds() {
    DoubleSummaryStatistics values = new DoubleSummaryStatistics();
    chart.series().stream()
        .flatMap(series -> series.points().stream())
        .filter(point -> chart.x().spacing().has(point.x()))
        .forEach(point -> values.accept(point.x()));
    return bounds(chart.x().spacing(), values);
  }

  private Stream<Point> drawn() {
    return chart.series().stream()
        .flatMap(series -> series.points().stream())
        .filter(chart::drawable);
  }

  /** The bounds of the values; of 1 where there is nothing to draw. */
  private static Bounds bounds(Spacing spacing, DoubleSummaryStatistics values) {
    if (values.getCount() == 0) return Bounds.of(spacing, 1, 1);
    return Bounds.of(spacing, values.getMin(), values.getMax());
  }

  /** Leaves room for the labels at both ends, and for marks that lie on them. */
  private Ruler xRuler(Ticks ticks, double left) {
    return new Ruler(
        chart.x().spacing(),
        ticks.bounds(),
        Math.max(left + 4, HorizontalAxis.firstHalf(canvas, ticks)),
        canvas.layout().width() - Math.max(6, HorizontalAxis.lastHalf(canvas, ticks)));
  }

  private Ticks yTicks(double height) {
    int most = (int) (height / (2.6 * canvas.layout().fontSize()));
    return Ticks.covering(chart.y().spacing(), yBounds(), most);
  }

  private double widest(Ticks ticks) {
    return ticks.marks().stream()
        .mapToDouble(tick -> canvas.textWidth(tick.label()))
        .max()
        .orElse(0);
  }

  private void grid(Ticks ticks, Ruler y, double left, double right) {
    for (Ticks.Tick tick : ticks.marks()) {
      double at = y.at(tick.value());
      canvas.line(left, at, right, at, "grid");
      canvas.text(left - TICK - 1, canvas.centred(at), tick.label(), Anchor.END, "muted");
    }
  }

  /** Draws the axis along the bottom; returns the bottom of its title. */
  private double bottomAxis(HorizontalAxis axis, double left, double bottom) {
    double right = axis.ruler().end();
    canvas.line(left, bottom, right, bottom, "axis");
    for (Ticks.Tick tick : axis.ticks().marks()) {
      double at = axis.ruler().at(tick.value());
      canvas.line(at, bottom, at, bottom + TICK, "axis");
    }
    double below = axis.labels(canvas, bottom + TICK + 2);
    List<String> title = canvas.wrap(chart.x().quantity().label(), right);
    return canvas.lines(right, below, title, Anchor.END, "muted");
  }

  private void band(Series series, int index, Ruler x, Ruler y) {
    for (List<Point> stretch : stretches(series, x)) {
      List<Point> spread = stretch.stream().filter(point -> !ends(point).isEmpty()).toList();
      if (spread.size() < 2) continue;
      StringBuilder outline = new StringBuilder();
      for (Point point : spread) {
        append(outline, x.at(point.x()), y.at(point.spread().orElseThrow().high()));
      }
      for (Point point : spread.reversed()) {
        append(outline, x.at(point.x()), y.at(point.spread().orElseThrow().low()));
      }
      canvas.add(
          Markup.element("path")
              .with("d", outline.append('Z').toString())
              .with("class", "band " + ChartStyle.colour(index)));
    }
  }

  private void curve(Series series, int index, Ruler x, Ruler y) {
    List<List<Point>> stretches = stretches(series, x);
    for (List<Point> stretch : stretches) {
      if (stretch.size() < 2) continue;
      StringBuilder path = new StringBuilder();
      for (Point point : stretch) append(path, x.at(point.x()), y.at(point.y()));
      canvas.add(
          Markup.element("path")
              .with("d", path.toString())
              .with("class", "line " + ChartStyle.colour(index)));
    }
    for (Point point : marked(series, stretches, index, x)) {
      double left = x.at(point.x());
      double top = y.at(point.y());
      Shape shape = Shape.of(index);
      canvas.add(
          (point.hollow() ? shape.hollowAt(left, top, index) : shape.at(left, top, index))
              .add(Markup.element("title").text(LineWords.tooltip(chart, series, point))));
    }
  }

  /**
   * The points that have a mark: all of a short curve, those that stand alone or are hollow, and
   * otherwise a few at even distances, at other places for each curve.
   */
  private Set<Point> marked(Series series, List<List<Point>> stretches, int index, Ruler x) {
    List<Point> drawn = stretches.stream().flatMap(List::stream).toList();
    if (series.points().size() <= MARKED) return new LinkedHashSet<>(drawn);
    Set<Point> marked = new LinkedHashSet<>();
    stretches.stream().filter(stretch -> stretch.size() == 1).forEach(marked::addAll);
    drawn.stream().filter(Point::hollow).forEach(marked::add);
    double distance = (x.end() - x.start()) / SPARSE_MARKS;
    double shift = distance * (index + 0.5) / chart.series().size();
    for (int mark = 0; mark < SPARSE_MARKS; mark++) {
      double from = x.start() + shift + mark * distance;
      drawn.stream().filter(point -> x.at(point.x()) >= from).findFirst().ifPresent(marked::add);
    }
    return marked;
  }

  private static void append(StringBuilder path, double x, double y) {
    path.append(path.isEmpty() ? 'M' : 'L').append(Canvas.px(x)).append(' ').append(Canvas.px(y));
  }

  /** The parts of a curve between its gaps, no finer than the picture. */
  private List<List<Point>> stretches(Series series, Ruler x) {
    List<List<Point>> stretches = new ArrayList<>();
    List<Point> current = new ArrayList<>();
    for (Point point : series.points()) {
      if (chart.drawable(point)) {
        current.add(point);
      } else if (!current.isEmpty()) {
        stretches.add(Thinning.thin(current, x));
        current = new ArrayList<>();
      }
    }
    if (!current.isEmpty()) stretches.add(Thinning.thin(current, x));
    return stretches;
  }

  /** The ends of a point's interval, where both have a place in the chart. */
  private List<Double> ends(Point point) {
    Optional<Interval> spread =
        point
            .spread()
            .filter(ends -> chart.y().spacing().has(ends.low()))
            .filter(ends -> chart.y().spacing().has(ends.high()));
    return spread.stream().flatMap(ends -> Stream.of(ends.low(), ends.high())).toList();
  }
}
