package io.gemlab.reports.chart;

import io.gemlab.reports.Markup;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.chart.Canvas.Anchor;
import io.gemlab.reports.chart.IntervalChart.Group;
import io.gemlab.reports.chart.IntervalChart.Row;
import io.gemlab.reports.chart.Value.Measured;
import io.gemlab.reports.chart.Value.Missing;
import io.gemlab.reports.statistics.Interval;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Draws an {@link IntervalChart}. */
final class IntervalDrawing {
  private static final double ROW = 26;
  private static final double PLOT_LINE = 16;
  private static final double DOT = 4.5;
  private static final double GAP = 16;
  private static final double BETWEEN_GROUPS = 12;
  private static final int MOST_MARKS = 7;

  /** Largest shares of the width that names and numbers beside the intervals take. */
  private static final double NAMES = 0.3;

  private static final double NUMBERS = 0.4;

  /**
   * A part of the picture's height where nothing but intervals is, and lines of the axis may run.
   */
  private record Stripe(double top, double bottom) {}

  private final IntervalChart chart;
  private final Canvas canvas;
  private final boolean stacked;

  IntervalDrawing(IntervalChart chart, Layout layout) {
    this.chart = chart;
    this.canvas = new Canvas(layout);
    this.stacked = layout == Layout.NARROW;
  }

  Markup.Element draw(String id) {
    double top = legend().draw(canvas, 0) + 10;
    HorizontalAxis axis =
        HorizontalAxis.fitting(
            canvas,
            MOST_MARKS,
            most -> Ticks.around(chart.axis().spacing(), bounds(), most),
            this::ruler);

    Canvas rows = new Canvas(canvas.layout());
    List<Stripe> stripes = rows(rows, axis.ruler(), top);
    double end = background(axis, stripes);
    canvas.addAll(rows);
    return canvas.finish(id, chart.title(), description(), end + 2);
  }

  /** Draws the rows from {@code top} on; returns where lines of the axis may run behind them. */
  private List<Stripe> rows(Canvas rows, Ruler ruler, double top) {
    List<Stripe> stripes = new ArrayList<>();
    double bottom = top;
    double open = top;
    for (Group group : chart.groups()) {
      if (!group.heading().isEmpty()) {
        List<String> heading = rows.wrap(group.heading(), rows.layout().width());
        double above = bottom == top ? 2 : BETWEEN_GROUPS;
        bottom = rows.lines(0, bottom + above, heading, Anchor.START, "heading") + 2;
      }
      for (Row row : group.rows()) {
        Stripe plot =
            stacked ? stackedRow(rows, row, ruler, bottom) : row(rows, row, ruler, bottom);
        bottom = plot.bottom();
        if (stacked) {
          stripes.add(plot);
        } else if (row.effect() instanceof Missing) {
          // Its reason stands where the interval would be.
          stripes.add(new Stripe(open, plot.top()));
          open = plot.bottom();
        }
      }
    }
    if (!stacked) stripes.add(new Stripe(open, bottom + 4));
    return stripes;
  }

  private Legend legend() {
    Legend legend = new Legend();
    intervals()
        .findFirst()
        .ifPresent(
            interval ->
                legend.add(
                    "estimate with "
                        + Numbers.exact(100 * interval.confidence().level())
                        + " % confidence interval",
                    (on, left, middle) -> {
                      on.line(left, middle, left + Legend.SAMPLE, middle, "interval");
                      on.add(dot(left + Legend.SAMPLE / 2, middle));
                    }));
    chart
        .margin()
        .ifPresent(
            margin ->
                legend.add(
                    "within ±" + Numbers.exact(margin.difference()) + ", too small to matter",
                    (on, left, middle) ->
                        on.rectangle(
                            left, middle - 7, left + Legend.SAMPLE, middle + 7, "margin")));
    return legend;
  }

  private Bounds bounds() {
    double around = chart.margin().map(margin -> margin.difference()).orElse(0.0);
    List<Double> ends = new ArrayList<>();
    chart.noEffect().ifPresent(none -> ends.addAll(List.of(none - around, none + around)));
    measured().forEach(effect -> ends.addAll(List.of(effect.low(), effect.high())));
    if (ends.isEmpty()) ends.add(1.0); // nothing but reasons; the axis still has a place
    return Bounds.of(chart.axis().spacing(), Collections.min(ends), Collections.max(ends));
  }

  private Ruler ruler(Ticks ticks) {
    double first = HorizontalAxis.firstHalf(canvas, ticks);
    double last = HorizontalAxis.lastHalf(canvas, ticks);
    double left = stacked ? Math.max(first, DOT) : Math.max(first, namesWidth() + GAP);
    double right = stacked ? Math.max(last, DOT) : Math.max(last, numbersWidth() + GAP);
    return new Ruler(chart.axis().spacing(), ticks.bounds(), left, canvas.layout().width() - right);
  }

  private double namesWidth() {
    double widest = rows().mapToDouble(row -> canvas.textWidth(row.name())).max().orElse(0);
    return Math.min(widest, NAMES * canvas.layout().width());
  }

  private double numbersWidth() {
    double widest =
        measured().mapToDouble(effect -> canvas.textWidth(text(effect))).max().orElse(0);
    return Math.min(widest, NUMBERS * canvas.layout().width());
  }

  /** Name, interval and numbers side by side. */
  private Stripe row(Canvas rows, Row row, Ruler ruler, double top) {
    List<String> name = rows.wrap(row.name(), namesWidth());
    List<String> numbers = numbers(row, numbersWidth());
    List<String> reason = reason(row, ruler.end() - ruler.start());
    int lines = Math.max(name.size(), Math.max(numbers.size(), reason.size()));
    double height = Math.max(ROW, lines * rows.layout().lineHeight() + 6);
    double middle = top + height / 2;
    rows.linesAround(0, middle, name, Anchor.START, "label");
    rows.linesAround(rows.layout().width(), middle, numbers, Anchor.END, "number");
    rows.linesAround(ruler.start(), middle, reason, Anchor.START, "muted missing");
    if (row.effect() instanceof Measured effect) interval(rows, row, effect, ruler, middle);
    return new Stripe(top, top + height);
  }

  /** Name and numbers above the interval. */
  private Stripe stackedRow(Canvas rows, Row row, Ruler ruler, double top) {
    double width = rows.layout().width();
    List<String> numbers = numbers(row, width);
    double widest = numbers.stream().mapToDouble(rows::textWidth).max().orElse(0);
    double below = rows.lines(0, top + 4, rows.wrap(row.name(), width), Anchor.START, "label");
    // Beside the name where both fit, else under it.
    boolean beside = numbers.size() == 1 && rows.textWidth(row.name()) + GAP + widest <= width;
    double numbersTop = beside ? below - rows.layout().lineHeight() : below;
    below = Math.max(below, rows.lines(width, numbersTop, numbers, Anchor.END, "number"));
    below = rows.lines(0, below, reason(row, width), Anchor.START, "muted missing");
    if (!(row.effect() instanceof Measured effect)) return new Stripe(below, below);
    interval(rows, row, effect, ruler, below + PLOT_LINE / 2);
    return new Stripe(below, below + PLOT_LINE);
  }

  private List<String> numbers(Row row, double width) {
    return switch (row.effect()) {
      case Measured effect -> canvas.wrap(text(effect), width);
      case Missing missing -> List.of();
    };
  }

  private void interval(Canvas rows, Row row, Measured effect, Ruler ruler, double middle) {
    rows.line(ruler.at(effect.low()), middle, ruler.at(effect.high()), middle, "interval");
    rows.add(
        dot(ruler.at(effect.number()), middle)
            .add(Markup.element("title").text(row.name() + ": " + text(effect))));
  }

  private static Markup.Element dot(double x, double middle) {
    return Markup.element("circle")
        .with("cx", Canvas.px(x))
        .with("cy", Canvas.px(middle))
        .with("r", Canvas.px(DOT))
        .with("class", "dot");
  }

  private List<String> reason(Row row, double width) {
    return switch (row.effect()) {
      case Measured effect -> List.of();
      case Missing missing -> canvas.wrap(missing.reason(), width);
    };
  }

  /** What lies under the rows, and the axis; returns the bottom. */
  private double background(HorizontalAxis axis, List<Stripe> stripes) {
    Ruler ruler = axis.ruler();
    for (Stripe stripe : stripes) background(axis.ticks(), ruler, stripe);
    double below = axis.labels(canvas, stripes.getLast().bottom() + 4);
    List<String> title = canvas.wrap(chart.axis().quantity().label(), canvas.layout().width());
    double half = title.stream().mapToDouble(canvas::textWidth).max().orElse(0) / 2;
    double centre = (ruler.start() + ruler.end()) / 2;
    double kept = Math.clamp(centre, half, Math.max(half, canvas.layout().width() - half));
    return canvas.lines(kept, below, title, Anchor.MIDDLE, "muted");
  }

  private void background(Ticks ticks, Ruler ruler, Stripe stripe) {
    if (stripe.top() == stripe.bottom()) return;
    chart
        .margin()
        .ifPresent(
            margin ->
                canvas.rectangle(
                    ruler.at(chart.noEffect().orElseThrow() - margin.difference()),
                    stripe.top(),
                    ruler.at(chart.noEffect().orElseThrow() + margin.difference()),
                    stripe.bottom(),
                    "margin"));
    for (Ticks.Tick tick : ticks.marks()) {
      double at = ruler.at(tick.value());
      canvas.line(at, stripe.top(), at, stripe.bottom(), "grid");
    }
    chart
        .noEffect()
        .ifPresent(
            value -> {
              double none = ruler.at(value);
              canvas.line(none, stripe.top(), none, stripe.bottom(), "axis");
            });
  }

  /** All rows show the same decimals, so that they can be compared by eye. */
  private String text(Measured effect) {
    double[] halves =
        intervals().mapToDouble(Interval::halfWidth).filter(half -> half > 0).sorted().toArray();
    if (halves.length == 0) return effect.text();
    int decimals = Math.min(6, Numbers.decimalsFor(halves[0], halves[halves.length - 1]));
    String estimate = number(effect.number(), decimals);
    return effect
        .interval()
        .map(
            ends ->
                estimate
                    + " ["
                    + number(ends.low(), decimals)
                    + ", "
                    + number(ends.high(), decimals)
                    + "]")
        .orElse(estimate);
  }

  private static String number(double value, int decimals) {
    return Math.abs(value) < 1e7 ? Numbers.decimals(value, decimals) : Numbers.plain(value);
  }

  private Stream<Row> rows() {
    return chart.groups().stream().flatMap(group -> group.rows().stream());
  }

  private Stream<Measured> measured() {
    return rows().map(Row::effect).filter(Measured.class::isInstance).map(Measured.class::cast);
  }

  private Stream<Interval> intervals() {
    return measured().flatMap(effect -> effect.interval().stream());
  }

  private String description() {
    List<String> sentences = new ArrayList<>();
    String measures = " with confidence intervals, " + chart.axis().quantity().label();
    sentences.add(
        chart.noEffect().isEmpty()
            ? "Estimates" + measures
            : "Effects"
                + measures
                + "; no effect is "
                + Numbers.exact(chart.noEffect().getAsDouble()));
    for (Group group : chart.groups()) {
      for (Row row : group.rows()) {
        String heading = group.heading().isEmpty() ? "" : group.heading() + ", ";
        String value =
            switch (row.effect()) {
              case Measured effect -> text(effect);
              case Missing missing -> missing.reason();
            };
        sentences.add(heading + row.name() + ": " + value);
      }
    }
    return String.join(". ", sentences) + ".";
  }
}
