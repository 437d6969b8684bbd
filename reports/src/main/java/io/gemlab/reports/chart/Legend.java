package io.gemlab.reports.chart;

import io.gemlab.reports.chart.Canvas.Anchor;
import java.util.ArrayList;
import java.util.List;

/** What the colours and strokes of a chart mean: a line of samples and names above the plot. */
final class Legend {
  /** Draws the sample of an entry, centred on a height, {@value #SAMPLE} px wide. */
  interface Sample {
    void draw(Canvas canvas, double left, double middle);
  }

  private record Entry(String name, Sample sample) {}

  static final double SAMPLE = 26;
  private static final double GAP = 7;
  private static final double BETWEEN = 22;

  private final List<Entry> entries = new ArrayList<>();

  void add(String name, Sample sample) {
    entries.add(new Entry(name, sample));
  }

  /** Draws the legend from {@code top} on; returns its bottom. */
  double draw(Canvas canvas, double top) {
    double lineHeight = canvas.layout().lineHeight();
    double room = canvas.layout().width();
    double left = 0;
    double rowTop = top;
    double rowBottom = top;
    for (Entry entry : entries) {
      List<String> lines = canvas.wrap(entry.name(), room - SAMPLE - GAP);
      double width =
          SAMPLE + GAP + lines.stream().mapToDouble(canvas::textWidth).max().orElseThrow();
      if (left > 0 && left + width > room) {
        left = 0;
        rowTop = rowBottom + 3;
      }
      entry.sample().draw(canvas, left, rowTop + lineHeight / 2);
      double bottom = canvas.lines(left + SAMPLE + GAP, rowTop, lines, Anchor.START, "label");
      rowBottom = Math.max(rowBottom, bottom);
      left += width + BETWEEN;
    }
    return rowBottom;
  }
}
