package io.gemlab.reports.chart;

import io.gemlab.reports.Markup;
import java.util.ArrayList;
import java.util.List;

/** The picture while it is drawn. Coordinates are px from the top left. */
final class Canvas {
  /** Where a text's position lies in it. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  private final Layout layout;
  private final List<Markup> marks = new ArrayList<>();

  Canvas(Layout layout) {
    this.layout = layout;
  }

  Layout layout() {
    return layout;
  }

  double textWidth(String text) {
    return Lettering.width(text, layout.fontSize());
  }

  List<String> wrap(String text, double width) {
    return Lettering.wrap(text, width, layout.fontSize());
  }

  /** Draws a mark. */
  void add(Markup mark) {
    marks.add(mark);
  }

  /** Draws what another canvas holds, on top of this one. */
  void addAll(Canvas other) {
    marks.addAll(other.marks);
  }

  /** Writes one line of text. */
  void text(double x, double baseline, String text, Anchor anchor, String style) {
    Markup.Element element =
        Markup.element("text").with("x", px(x)).with("y", px(baseline)).with("class", style);
    if (anchor != Anchor.START) {
      element = element.with("text-anchor", anchor == Anchor.MIDDLE ? "middle" : "end");
    }
    add(element.text(text));
  }

  /** Writes lines under each other, the first with its top at {@code top}; returns their bottom. */
  double lines(double x, double top, List<String> lines, Anchor anchor, String style) {
    double bottom = top;
    for (String line : lines) {
      text(x, baseline(bottom), line, anchor, style);
      bottom += layout.lineHeight();
    }
    return bottom;
  }

  /** Writes lines under each other, centred on {@code middle}. */
  void linesAround(double x, double middle, List<String> lines, Anchor anchor, String style) {
    lines(x, middle - lines.size() * layout.lineHeight() / 2, lines, anchor, style);
  }

  /** The baseline of a line of text whose top is at {@code top}. */
  double baseline(double top) {
    return top + layout.fontSize();
  }

  /** The baseline of a line of text that is centred on {@code y}. */
  double centred(double y) {
    return y + 0.36 * layout.fontSize();
  }

  void line(double x1, double y1, double x2, double y2, String style) {
    add(
        Markup.element("line")
            .with("x1", px(x1))
            .with("y1", px(y1))
            .with("x2", px(x2))
            .with("y2", px(y2))
            .with("class", style));
  }

  void rectangle(double left, double top, double right, double bottom, String style) {
    add(rectangleElement(left, top, right, bottom, style));
  }

  static Markup.Element rectangleElement(
      double left, double top, double right, double bottom, String style) {
    return Markup.element("rect")
        .with("x", px(left))
        .with("y", px(top))
        .with("width", px(right - left))
        .with("height", px(bottom - top))
        .with("class", style);
  }

  /** Writes notes below the picture, wrapped to its width; returns their bottom. */
  double notes(double top, List<String> notes) {
    double bottom = top;
    for (String note : notes) {
      bottom = lines(0, bottom + 4, wrap(note, layout.width()), Anchor.START, "muted");
    }
    return bottom;
  }

  /** The picture, of the height that was used. */
  Markup.Element finish(String id, String title, String description, double height) {
    return Markup.element("svg")
        .with("xmlns", "http://www.w3.org/2000/svg")
        .with("class", "chart")
        .with("role", "img")
        .with("aria-labelledby", id + "-title " + id + "-desc")
        .with("viewBox", "0 0 " + layout.width() + " " + px(Math.ceil(height)))
        .with("width", px(layout.width()))
        .with("height", px(Math.ceil(height)))
        .with("font-size", px(layout.fontSize()))
        .add(
            Markup.element("title").with("id", id + "-title").text(title),
            Markup.element("desc").with("id", id + "-desc").text(description))
        .add(marks);
  }

  /** A coordinate with at most two decimals: finer than any screen, and the same everywhere. */
  static String px(double value) {
    long hundredths = Math.round(value * 100);
    long fraction = Math.abs(hundredths % 100);
    String sign = hundredths < 0 ? "-" : "";
    String whole = sign + Math.abs(hundredths / 100);
    if (fraction == 0) return whole.equals("-0") ? "0" : whole;
    if (fraction % 10 == 0) return whole + "." + fraction / 10;
    return whole + "." + (fraction < 10 ? "0" : "") + fraction;
  }
}
