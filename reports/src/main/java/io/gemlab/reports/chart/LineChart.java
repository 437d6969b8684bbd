package io.gemlab.reports.chart;

import io.gemlab.reports.Markup;
import io.gemlab.reports.statistics.Interval;
import java.util.List;
import java.util.Optional;

/**
 * Curves over a common axis: a loss by step, a time by length.
 *
 * <p>A value that is not finite, or not positive on an axis of ratios, leaves a gap in its curve,
 * and a note under the chart says so: a run that diverged is a result too.
 *
 * @param title what the chart shows, in a few words
 * @param x the horizontal axis
 * @param y the vertical axis; a linear one need not begin at zero
 * @param series the curves, 1 or more
 * @param references values of y to compare with, such as a bound that each curve should reach
 */
public record LineChart(
    String title, Axis x, Axis y, List<Series> series, List<Reference> references)
    implements Chart {
  public LineChart {
    series = List.copyOf(series);
    references = List.copyOf(references);
    if (series.isEmpty()) {
      throw new IllegalArgumentException(
          "chart \"" + title + "\" has no series; leave the figure out and say why");
    }
    for (Reference reference : references) {
      if (!y.spacing().has(reference.y())) {
        throw new IllegalArgumentException(
            "reference \""
                + reference.name()
                + "\" is "
                + reference.y()
                + ", which has no place on a "
                + y.spacing()
                + " axis");
      }
    }
  }

  /**
   * One curve.
   *
   * @param name as the legend has it
   * @param points by ascending x; may be empty
   */
  public record Series(String name, List<Point> points) {
    public Series {
      points = List.copyOf(points);
      for (int i = 0; i < points.size(); i++) {
        double x = points.get(i).x();
        if (!Spacing.LINEAR.has(x) || (i > 0 && x < points.get(i - 1).x())) {
          throw new IllegalArgumentException(
              "series \""
                  + name
                  + "\": x of point "
                  + (i + 1)
                  + " is "
                  + x
                  + "; x is finite and ascends");
        }
      }
    }
  }

  /**
   * One point of a curve.
   *
   * @param x finite
   * @param y any number; see above for those that can't be drawn
   * @param spread the confidence interval of y, drawn as a band, if there is one
   * @param hollow whether its mark is hollow, and always there; the caption says what that means
   */
  public record Point(double x, double y, Optional<Interval> spread, boolean hollow) {
    /** A point with a full mark. */
    public Point(double x, double y, Optional<Interval> spread) {
      this(x, y, spread, false);
    }

    /** A point without uncertainty. */
    public static Point of(double x, double y) {
      return new Point(x, y, Optional.empty());
    }
  }

  /**
   * A horizontal line to compare with.
   *
   * @param name as the legend has it
   * @param y where it lies; has a place on the y axis
   */
  public record Reference(String name, double y) {}

  /** Whether the point has a place on both axes. */
  boolean drawable(Point point) {
    return x.spacing().has(point.x()) && y.spacing().has(point.y());
  }

  @Override
  public Markup.Element svg(String id, Layout layout) {
    return new LineDrawing(this, layout).draw(id);
  }
}
