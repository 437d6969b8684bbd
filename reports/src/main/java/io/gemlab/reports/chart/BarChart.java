package io.gemlab.reports.chart;

import io.gemlab.reports.Markup;
import io.gemlab.reports.Quantity;
import java.util.List;

/**
 * Bars in groups: times, rates or sizes of several variants. The bars lie, so that names need no
 * turning, and begin at zero, so that their lengths compare.
 *
 * @param title what the chart shows, in a few words
 * @param axis what the bars measure
 * @param series the name of each bar within a group; a single one needs no legend
 * @param groups the groups, 1 or more
 */
public record BarChart(String title, Quantity axis, List<String> series, List<Group> groups)
    implements Chart {
  public BarChart {
    series = List.copyOf(series);
    groups = List.copyOf(groups);
    if (series.isEmpty() || groups.isEmpty()) {
      throw new IllegalArgumentException(
          "chart \"" + title + "\" has no bars; leave the figure out and say why");
    }
    for (Group group : groups) {
      if (group.bars().size() != series.size()) {
        throw new IllegalArgumentException(
            "chart \""
                + title
                + "\": group \""
                + group.name()
                + "\" has "
                + group.bars().size()
                + " bars for "
                + series.size()
                + " series; use Value.missing for a bar that is not there");
      }
    }
  }

  /**
   * Bars that belong together.
   *
   * @param name of the group
   * @param bars one a series, in their order
   */
  public record Group(String name, List<Value> bars) {
    public Group {
      bars = List.copyOf(bars);
    }
  }

  @Override
  public Markup.Element svg(String id, Layout layout) {
    return new BarDrawing(this, layout).draw(id);
  }
}
