package io.gemlab.reports.chart;

import io.gemlab.reports.Numbers;
import io.gemlab.reports.chart.LineChart.Point;
import io.gemlab.reports.chart.LineChart.Reference;
import io.gemlab.reports.chart.LineChart.Series;
import java.util.ArrayList;
import java.util.List;

/**
 * What a {@link LineChart} says in words: below the picture, at a point, and to a screen reader.
 */
final class LineWords {
  private LineWords() {}

  /** What the picture can't show. */
  static List<String> notes(LineChart chart) {
    List<String> notes = new ArrayList<>();
    chart.series().stream()
        .flatMap(series -> series.points().stream())
        .flatMap(point -> point.spread().stream())
        .findFirst()
        .ifPresent(
            spread ->
                notes.add(
                    "Bands: "
                        + Numbers.exact(100 * spread.confidence().level())
                        + " % confidence intervals."));
    for (Series series : chart.series()) {
      List<Point> gaps = series.points().stream().filter(point -> !chart.drawable(point)).toList();
      if (series.points().isEmpty()) notes.add(series.name() + ": no points.");
      if (gaps.isEmpty()) continue;
      notes.add(
          series.name()
              + ": "
              + gaps.size()
              + " of "
              + series.points().size()
              + " points can't be drawn, the first at "
              + chart.x().quantity().name()
              + " "
              + Numbers.exact(gaps.getFirst().x())
              + " with "
              + chart.y().quantity().name()
              + " "
              + Numbers.plain(gaps.getFirst().y())
              + ".");
    }
    return notes;
  }

  static String tooltip(LineChart chart, Series series, Point point) {
    return series.name()
        + ": "
        + chart.y().quantity().name()
        + " "
        + Numbers.plain(point.y())
        + " at "
        + chart.x().quantity().name()
        + " "
        + Numbers.exact(point.x());
  }

  static String description(LineChart chart) {
    StringBuilder text = new StringBuilder("Line chart of ");
    text.append(chart.y().quantity().label()).append(" over ").append(chart.x().quantity().label());
    for (Series series : chart.series()) {
      text.append(". ").append(series.name()).append(": ");
      if (series.points().isEmpty()) {
        text.append("no points");
        continue;
      }
      Point first = series.points().getFirst();
      Point last = series.points().getLast();
      text.append(Numbers.plain(first.y())).append(" at ").append(Numbers.exact(first.x()));
      text.append(" to ").append(Numbers.plain(last.y())).append(" at ");
      text.append(Numbers.exact(last.x()));
    }
    for (Reference reference : chart.references()) {
      text.append(". ").append(reference.name()).append(": ").append(Numbers.plain(reference.y()));
    }
    return text.append('.').toString();
  }
}
