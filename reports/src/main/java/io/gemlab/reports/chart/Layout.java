package io.gemlab.reports.chart;

/** What a chart is drawn for. Shown at its own width, its letters are as large as the text's. */
public enum Layout {
  /** A page on a screen or on paper: 820 px wide. */
  WIDE(820, 13),
  /** A phone: 340 px wide, labels above instead of beside. */
  NARROW(340, 12);

  private final int width;
  private final int fontSize;

  Layout(int width, int fontSize) {
    this.width = width;
    this.fontSize = fontSize;
  }

  /** Width of the picture, in px. */
  public int width() {
    return width;
  }

  /** Size of its letters, in px. */
  int fontSize() {
    return fontSize;
  }

  /** Distance from one line of text to the next, in px. */
  double lineHeight() {
    return Math.ceil(1.3 * fontSize);
  }
}
