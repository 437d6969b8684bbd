package io.gemlab.reports.chart;

import io.gemlab.reports.Markup;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.chart.BarChart.Group;
import io.gemlab.reports.chart.Canvas.Anchor;
import io.gemlab.reports.chart.Value.Measured;
import io.gemlab.reports.chart.Value.Missing;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Draws a {@link BarChart}. */
final class BarDrawing {
  private static final double BAR = 16;
  private static final double BETWEEN_BARS = 4;
  private static final double BETWEEN_GROUPS = 16;
  private static final double CAP = 3.5;

  /** How far the lines of the axis reach beyond the bars. */
  private static final double OVERHANG = 4;

  private static final int MOST_MARKS = 7;

  /** Distance of a number from its bar. */
  private static final double GAP = 7;

  /** Largest share of the width that names beside the bars take. */
  private static final double NAMES = 0.3;

  /** A part of the picture's height where nothing but bars is, and lines of the axis may run. */
  private record Stripe(double top, double bottom) {}

  private final BarChart chart;
  private final Canvas canvas;
  private final boolean namesAbove;

  BarDrawing(BarChart chart, Layout layout) {
    this.chart = chart;
    this.canvas = new Canvas(layout);
    this.namesAbove = layout == Layout.NARROW;
  }

  Markup.Element draw(String id) {
    double top = chart.series().size() > 1 ? legend().draw(canvas, 0) + 14 : 4;
    HorizontalAxis axis =
        HorizontalAxis.fitting(
            canvas, MOST_MARKS, most -> Ticks.inside(Spacing.LINEAR, bounds(), most), this::ruler);
    Ruler ruler = axis.ruler();

    Canvas rows = new Canvas(canvas.layout());
    List<Stripe> stripes = new ArrayList<>();
    double bottom = top;
    for (Group group : chart.groups()) {
      Stripe bars = group(rows, group, ruler, bottom);
      stripes.add(bars);
      bottom = bars.bottom() + BETWEEN_GROUPS;
    }
    bottom -= BETWEEN_GROUPS - OVERHANG;
    if (!namesAbove) stripes = List.of(new Stripe(top, bottom - OVERHANG));

    for (Ticks.Tick tick : axis.ticks().marks()) {
      double at = ruler.at(tick.value());
      for (Stripe stripe : stripes) {
        String style = tick.value() == 0 ? "axis" : "grid";
        canvas.line(at, stripe.top() - OVERHANG, at, stripe.bottom() + OVERHANG, style);
      }
    }
    canvas.addAll(rows);
    double below = axis.labels(canvas, bottom + 4);
    double end =
        canvas.lines(
            canvas.layout().width(),
            below,
            canvas.wrap(chart.axis().label(), canvas.layout().width()),
            Anchor.END,
            "muted");
    end = canvas.notes(end, notes());
    return canvas.finish(id, chart.title(), description(), end + 2);
  }

  private Legend legend() {
    Legend legend = new Legend();
    for (int i = 0; i < chart.series().size(); i++) {
      String style = "bar " + ChartStyle.colour(i);
      legend.add(
          chart.series().get(i),
          (on, left, middle) ->
              on.rectangle(left, middle - 6, left + Legend.SAMPLE, middle + 6, style));
    }
    return legend;
  }

  /** Zero, the bars and their intervals. */
  private Bounds bounds() {
    double low = 0;
    double high = 0;
    for (Measured bar : measured().toList()) {
      low = Math.min(low, bar.low());
      high = Math.max(high, bar.high());
    }
    // Without any length to show, the axis still has one.
    return low == high ? new Bounds(0, 1) : Bounds.of(Spacing.LINEAR, low, high);
  }

  /** Leaves room for names on the left and for the longest number on the right. */
  private Ruler ruler(Ticks ticks) {
    double numbers = measured().mapToDouble(bar -> canvas.textWidth(bar.text())).max().orElse(0);
    double names = namesAbove ? 0 : namesWidth() + 14;
    return new Ruler(
        Spacing.LINEAR,
        ticks.bounds(),
        Math.max(names, HorizontalAxis.firstHalf(canvas, ticks)),
        canvas.layout().width() - Math.max(numbers + GAP, HorizontalAxis.lastHalf(canvas, ticks)));
  }

  private double namesWidth() {
    double widest =
        chart.groups().stream()
            .mapToDouble(group -> canvas.textWidth(group.name()))
            .max()
            .orElse(0);
    return Math.min(widest, NAMES * canvas.layout().width());
  }

  /** Draws a group from {@code top} on; returns where its bars are. */
  private Stripe group(Canvas rows, Group group, Ruler ruler, double top) {
    double width = namesAbove ? rows.layout().width() : namesWidth();
    List<String> name = rows.wrap(group.name(), width);
    double nameHeight = name.size() * rows.layout().lineHeight();
    double barsTop = top;
    if (namesAbove) {
      barsTop = rows.lines(0, top, name, Anchor.START, "label") + OVERHANG;
    } else {
      double offset = Math.max(0, (barsHeight(group, ruler) - nameHeight) / 2);
      rows.lines(namesWidth(), top + offset, name, Anchor.END, "label");
    }
    double bottom = barsTop;
    for (int i = 0; i < group.bars().size(); i++) {
      if (i > 0) bottom += BETWEEN_BARS;
      bottom =
          switch (group.bars().get(i)) {
            case Measured bar -> bar(rows, group, i, bar, ruler, bottom);
            case Missing missing -> missing(rows, missing, ruler, bottom);
          };
    }
    return new Stripe(barsTop, namesAbove ? bottom : Math.max(bottom, top + nameHeight));
  }

  private double barsHeight(Group group, Ruler ruler) {
    double height = (group.bars().size() - 1) * BETWEEN_BARS;
    for (Value bar : group.bars()) {
      height +=
          switch (bar) {
            case Measured measured -> BAR;
            case Missing missing -> reason(missing, ruler).size() * canvas.layout().lineHeight();
          };
    }
    return height;
  }

  private double bar(Canvas rows, Group group, int series, Measured bar, Ruler ruler, double top) {
    double zero = ruler.at(0);
    double end = ruler.at(bar.number());
    double middle = top + BAR / 2;
    rows.add(
        Canvas.rectangleElement(
                Math.min(zero, end),
                top,
                Math.max(zero, end),
                top + BAR,
                "bar " + ChartStyle.colour(series))
            .add(Markup.element("title").text(tooltip(group, series, bar))));
    if (bar.interval().isPresent()) {
      double low = ruler.at(bar.low());
      double high = ruler.at(bar.high());
      rows.line(low, middle, high, middle, "error");
      rows.line(low, middle - CAP, low, middle + CAP, "error");
      rows.line(high, middle - CAP, high, middle + CAP, "error");
    }
    double clear = Math.max(zero, ruler.at(bar.high()));
    rows.text(clear + GAP, rows.centred(middle), bar.text(), Anchor.START, "number");
    return top + BAR;
  }

  private double missing(Canvas rows, Missing missing, Ruler ruler, double top) {
    return rows.lines(
        ruler.at(0) + GAP, top, reason(missing, ruler), Anchor.START, "muted missing");
  }

  private List<String> reason(Missing missing, Ruler ruler) {
    return canvas.wrap(missing.reason(), canvas.layout().width() - ruler.at(0) - GAP);
  }

  private String tooltip(Group group, int series, Measured bar) {
    String name = chart.series().size() == 1 ? "" : ", " + chart.series().get(series);
    return group.name() + name + ": " + described(bar);
  }

  private String described(Measured bar) {
    String unit = chart.axis().unit().isEmpty() ? "" : " " + chart.axis().unit();
    return bar.text()
        + unit
        + bar.interval()
            .map(
                ends ->
                    " (" + Numbers.plain(ends.low()) + " to " + Numbers.plain(ends.high()) + ")")
            .orElse("");
  }

  private Stream<Measured> measured() {
    return chart.groups().stream()
        .flatMap(group -> group.bars().stream())
        .filter(Measured.class::isInstance)
        .map(Measured.class::cast);
  }

  private List<String> notes() {
    return measured()
        .flatMap(bar -> bar.interval().stream())
        .findFirst()
        .map(
            ends ->
                "Error bars: "
                    + Numbers.exact(100 * ends.confidence().level())
                    + " % confidence intervals.")
        .stream()
        .toList();
  }

  private String description() {
    List<String> sentences = new ArrayList<>();
    sentences.add("Bar chart of " + chart.axis().label());
    for (Group group : chart.groups()) {
      for (int i = 0; i < group.bars().size(); i++) {
        String name = chart.series().size() == 1 ? "" : ", " + chart.series().get(i);
        String value =
            switch (group.bars().get(i)) {
              case Measured bar -> described(bar);
              case Missing missing -> missing.reason();
            };
        sentences.add(group.name() + name + ": " + value);
      }
    }
    return String.join(". ", sentences) + ".";
  }
}
