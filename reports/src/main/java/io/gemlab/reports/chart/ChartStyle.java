package io.gemlab.reports.chart;

import io.gemlab.reports.Markup;

/** The colours and strokes of charts: one style sheet for all charts of a page. */
public final class ChartStyle {
  /** How many colours there are before they repeat; shapes tell the repeats apart. */
  static final int COLOURS = 7;

  private ChartStyle() {}

  /** The style sheet, to be put once into the page that shows charts. */
  public static Markup css() {
    return Markup.Verbatim.resource(ChartStyle.class, "chart.css");
  }

  /** The class that gives series number {@code series} its colour. */
  static String colour(int series) {
    return "c" + series % COLOURS;
  }
}
