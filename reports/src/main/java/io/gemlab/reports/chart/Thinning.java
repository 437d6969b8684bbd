package io.gemlab.reports.chart;

import io.gemlab.reports.chart.LineChart.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Leaves out points that a picture can't show: of each column of pixels the first, lowest, highest
 * and last point stay, which draws the same line.
 *
 * @see <a href="https://doi.org/10.14778/2732951.2732953">Jugel et al. 2014, M4: a
 *     visualization-oriented time series data aggregation</a>
 */
final class Thinning {
  private Thinning() {}

  static List<Point> thin(List<Point> points, Ruler x) {
    if (points.size() <= 2 * (x.end() - x.start())) return List.copyOf(points);
    TreeSet<Integer> kept = new TreeSet<>();
    int begin = 0;
    for (int i = 1; i <= points.size(); i++) {
      boolean columnEnds = i == points.size() || column(points, i, x) != column(points, begin, x);
      if (!columnEnds) continue;
      int lowest = begin;
      int highest = begin;
      for (int k = begin; k < i; k++) {
        if (points.get(k).y() < points.get(lowest).y()) lowest = k;
        if (points.get(k).y() > points.get(highest).y()) highest = k;
      }
      kept.addAll(List.of(begin, i - 1));
      kept.add(lowest);
      kept.add(highest);
      begin = i;
    }
    List<Point> thinned = new ArrayList<>();
    for (int index : kept) thinned.add(points.get(index));
    return thinned;
  }

  private static long column(List<Point> points, int index, Ruler x) {
    return Math.round(x.at(points.get(index).x()));
  }
}
