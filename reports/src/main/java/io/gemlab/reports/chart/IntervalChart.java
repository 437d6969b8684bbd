package io.gemlab.reports.chart;

import io.gemlab.reports.Markup;
import io.gemlab.reports.statistics.Margin;
import java.util.List;
import java.util.Optional;

/**
 * Effects with their confidence intervals, one a line (a forest plot): which differ from no effect,
 * and by how much.
 *
 * @param title what the chart shows, in a few words
 * @param axis what the effects measure: differences on a linear axis, ratios on a logarithmic one
 * @param noEffect where a line marks no effect: 0 for differences, 1 for ratios
 * @param margin differences around {@code noEffect} that do not matter, shaded, if stated
 * @param groups rows under headings, 1 or more
 */
public record IntervalChart(
    String title, Axis axis, double noEffect, Optional<Margin> margin, List<Group> groups)
    implements Chart {
  public IntervalChart {
    groups = List.copyOf(groups);
    if (groups.stream().allMatch(group -> group.rows().isEmpty())) {
      throw new IllegalArgumentException(
          "chart \"" + title + "\" has no rows; leave the figure out and say why");
    }
    check(title, axis, noEffect);
    margin.ifPresent(around -> check(title, axis, noEffect - around.difference()));
    margin.ifPresent(around -> check(title, axis, noEffect + around.difference()));
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
   * @param rows the effects
   */
  public record Group(String heading, List<Row> rows) {
    public Group {
      rows = List.copyOf(rows);
    }
  }

  /**
   * One effect.
   *
   * @param name of what has the effect
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
