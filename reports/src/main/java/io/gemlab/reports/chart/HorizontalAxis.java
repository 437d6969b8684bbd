package io.gemlab.reports.chart;

import io.gemlab.reports.chart.Canvas.Anchor;
import io.gemlab.reports.chart.Ticks.Tick;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * An axis along the bottom, with as many marks as their labels leave room for.
 *
 * @param ticks its marks
 * @param ruler where its values lie
 */
record HorizontalAxis(Ticks ticks, Ruler ruler) {
  /**
   * The axis with the most marks whose labels stay apart.
   *
   * @param most how many marks to begin with
   * @param ticks the marks, for how many there is room
   * @param ruler where values lie, given the marks, whose labels may need room at the ends
   */
  static HorizontalAxis fitting(
      Canvas canvas, int most, IntFunction<Ticks> ticks, Function<Ticks, Ruler> ruler) {
    for (int count = most; count > 2; count--) {
      HorizontalAxis axis = of(ticks.apply(count), ruler);
      if (axis.apart(canvas).size() == axis.ticks.marks().size()) return axis;
    }
    HorizontalAxis axis = of(ticks.apply(2), ruler);
    return new HorizontalAxis(new Ticks(axis.ticks.bounds(), axis.apart(canvas)), axis.ruler);
  }

  private static HorizontalAxis of(Ticks ticks, Function<Ticks, Ruler> ruler) {
    return new HorizontalAxis(ticks, ruler.apply(ticks));
  }

  /** From the left, the marks whose labels do not touch the one before. */
  private List<Tick> apart(Canvas canvas) {
    List<Tick> apart = new ArrayList<>();
    double free = Double.NEGATIVE_INFINITY;
    for (Tick tick : ticks.marks()) {
      double half = canvas.textWidth(tick.label()) / 2;
      if (ruler.at(tick.value()) - half < free) continue;
      free = ruler.at(tick.value()) + half + canvas.layout().fontSize();
      apart.add(tick);
    }
    return apart;
  }

  /** Room that the label of the first mark takes at most to the left of the axis. */
  static double firstHalf(Canvas canvas, Ticks ticks) {
    return ticks.marks().isEmpty() ? 0 : canvas.textWidth(ticks.marks().getFirst().label()) / 2;
  }

  /** Room that the label of the last mark takes at most to the right of the axis. */
  static double lastHalf(Canvas canvas, Ticks ticks) {
    return ticks.marks().isEmpty() ? 0 : canvas.textWidth(ticks.marks().getLast().label()) / 2;
  }

  /** Writes the labels, from {@code top} on; returns their bottom. */
  double labels(Canvas canvas, double top) {
    for (Tick tick : ticks.marks()) {
      double at = ruler.at(tick.value());
      canvas.text(at, canvas.baseline(top), tick.label(), Anchor.MIDDLE, "muted");
    }
    return top + canvas.layout().lineHeight() + 2;
  }
}
