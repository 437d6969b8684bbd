package io.gemlab.reports.chart;

import io.gemlab.reports.Markup;

/** A picture of numbers, and the numbers themselves. */
public sealed interface Chart permits LineChart, BarChart, IntervalChart {
  /** What the picture shows, in a few words; a screen reader reads it out. */
  String title();

  /**
   * Draws the chart.
   *
   * @param id unique in the document; letters, digits, '-' and '_'
   * @param layout the size to draw for
   * @return an {@code svg} element whose colours {@link ChartStyle#css} gives
   */
  Markup.Element svg(String id, Layout layout);
}
