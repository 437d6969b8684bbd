package io.gemlab.reports.chart;

import io.gemlab.reports.Markup;
import io.gemlab.reports.statistics.paired.Margin;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Estimates with their confidence intervals, one a line (a forest plot): which effects differ from
 * no effect, and by how much; or how far timings lie apart.
 *
 * @param title what the chart shows, in a few words
 * @param axis what the rows measure: differences on a linear axis, ratios on a logarithmic one
 * @param noEffect where a line marks no effect: 0 for differences, 1 for ratios; empty where the
 *     rows are no effects
 * @param margin differences around {@code noEffect} that do not matter, shaded, if stated
 * @param groups rows under headings, 1 or more
 */
public record IntervalChart(
    String title, Axis axis, OptionalDouble noEffect, Optional<Margin> margin, List<Group> groups)
    implements Chart {
  public IntervalChart {
    groups = List.copyOf(groups);
    if (groups.stream().allMatch(group -> group.rows().isEmpty())) {
      throw new IllegalArgumentException(
          "chart \"" + title + "\" has no rows; leave the figure out and say why");
    }
    noEffect.ifPresent(none -> check(title, axis, none));
    if (margin.isPresent()) {
      double none =
          noEffect.orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "chart \"" + title + "\" has a margin around no effect, and no such value"));
      check(title, axis, none - margin.get().difference());
      check(title, axis, none + margin.get().difference());
    }
    for (Group group : groups) {
      for (Row row : group.rows()) {
        if (row.effect() instanceof Value.Measured effect) {
          check(row.name(), axis, effect.low());
          check(row.name(), axis, effect.high());
        }
      }
    }
  }

  /**
   * Rows that belong together.
   *
   * @param heading above them; empty for none
   * @param rows the estimates
   */
  public record Group(String heading, List<Row> rows) {
    public Group {
      rows = List.copyOf(rows);
    }
  }

  /**
   * One estimate.
   *
   * @param name of what was estimated
   * @param effect its size, or why there is none
   */
  public record Row(String name, Value effect) {}

  private static void check(String where, Axis axis, double value) {
    if (!axis.spacing().has(value)) {
      throw new IllegalArgumentException(
          where + ": " + value + " has no place on a " + axis.spacing() + " axis");
    }
  }

  @Override
  public Markup.Element svg(String id, Layout layout) {
    return new IntervalDrawing(this, layout).draw(id);
  }
}
