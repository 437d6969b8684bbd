package io.gemlab.reports.chart;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The colours and strokes of charts: one style sheet for all charts of a page. */
public final class ChartStyle {
  /** How many colours there are before they repeat; shapes tell the repeats apart. */
  static final int COLOURS = 7;

  private ChartStyle() {}

  /** The style sheet, to be put once into the page that shows charts. */
  public static String css() {
    try (InputStream file = ChartStyle.class.getResourceAsStream("chart.css")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("chart.css, a part of this program, can't be read", e);
    }
  }

  /** The class that gives series number {@code series} its colour. */
  static String colour(int series) {
    return "c" + series % COLOURS;
  }
}
