package io.gemlab.reports.chart;

import io.gemlab.reports.Markup;

/** The mark of a point. Series differ in shape as well as in colour. */
enum Shape {
  CIRCLE,
  SQUARE,
  TRIANGLE,
  DIAMOND,
  CROSS,
  NABLA,
  PLUS;

  static Shape of(int series) {
    // Once the colours repeat, the shapes are shifted, so that no pair of colour and shape repeats.
    int round = series / ChartStyle.COLOURS;
    return values()[(series + round) % values().length];
  }

  /** The mark, centred on a point, in the colour of the series. */
  Markup.Element at(double x, double y, int series) {
    return at(x, y, "mark " + ChartStyle.colour(series));
  }

  /** Its outline. */
  Markup.Element hollowAt(double x, double y, int series) {
    return at(x, y, "mark " + ChartStyle.colour(series) + " open");
  }

  private Markup.Element at(double x, double y, String style) {
    return switch (this) {
      case CIRCLE ->
          Markup.element("circle")
              .with("cx", Canvas.px(x))
              .with("cy", Canvas.px(y))
              .with("r", "4")
              .with("class", style);
      case SQUARE -> path(x, y, style, "M-3.5-3.5h7v7h-7z");
      case TRIANGLE -> path(x, y, style, "M0-4.5l4.5 8h-9z");
      case DIAMOND -> path(x, y, style, "M0-5l5 5-5 5-5-5z");
      case NABLA -> path(x, y, style, "M0 4.5l4.5-8h-9z");
      case CROSS -> path(x, y, style + " open", "M-3.5-3.5l7 7M3.5-3.5l-7 7");
      case PLUS -> path(x, y, style + " open", "M0-4.5v9M-4.5 0h9");
    };
  }

  private static Markup.Element path(double x, double y, String style, String shape) {
    return Markup.element("path")
        .with("d", shape)
        .with("transform", "translate(" + Canvas.px(x) + " " + Canvas.px(y) + ")")
        .with("class", style);
  }
}
