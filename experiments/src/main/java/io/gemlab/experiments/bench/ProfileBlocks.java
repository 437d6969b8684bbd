package io.gemlab.experiments.bench;

import io.gemlab.experiments.bench.CellResult.Measured;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.BarChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import java.util.ArrayList;
import java.util.List;

/** Where one call's time went, by kind of op. */
final class ProfileBlocks {
  private static final double MILLIS = 1e3;

  /** Below, a picture tells no more than the table. */
  private static final int WORTH_A_CHART = 3;

  private ProfileBlocks() {}

  static List<Block> of(Measured measured) {
    TimeByKind time = TimeByKind.of(measured.profile());
    double whole = measured.profile().whole().toNanos() / 1e9;
    String path = measured.cell().path().label();
    String program = measured.cell().program().label();
    List<Block> blocks = new ArrayList<>();
    blocks.add(Block.Paragraph.of(overlap(measured, time, whole)));
    if (time.kinds().size() >= WORTH_A_CHART) blocks.add(chart(time, program, path));
    blocks.add(table(time, program, path));
    return blocks;
  }

  private static String overlap(Measured measured, TimeByKind time, double whole) {
    return "%s path: the nodes of one call ran for %s ms in all, within %s ms: %s at once on average. That call was watched; an unwatched one takes %s ms."
        .formatted(
            capital(measured.cell().path().label()),
            Numbers.significant(time.sum() * MILLIS, 3),
            Numbers.significant(whole * MILLIS, 3),
            Numbers.significant(time.sum() / whole, 2),
            Numbers.significant(measured.time().median() * MILLIS, 3));
  }

  private static Block chart(TimeByKind time, String program, String path) {
    List<BarChart.Group> groups =
        time.kinds().stream()
            .map(
                kind ->
                    new BarChart.Group(kind.label(), List.of(Value.of(kind.seconds() * MILLIS))))
            .toList();
    return new Block.Figure(
        new BarChart(
            "Where the time of a " + program + " goes, " + path + " path",
            new Quantity("time of all nodes of a kind", "ms"),
            List.of("time"),
            groups),
        "Time by kind of op on the "
            + path
            + " path; nodes overlap, so the bars can add up to more"
            + " than the call.");
  }

  private static Block table(TimeByKind time, String program, String path) {
    return new Block.Table(
        "Nodes of one " + program + " on the " + path + " path, by kind.",
        List.of(
            Column.text("kind"),
            Column.number(new Quantity("time", "ms")),
            Column.number(new Quantity("share of all nodes' time", "%")),
            Column.number(Quantity.of("nodes"))),
        time.kinds().stream()
            .map(
                kind ->
                    List.of(
                        Cell.text(kind.label()),
                        Cell.number(kind.seconds() * MILLIS),
                        Cell.number(100 * kind.seconds() / time.sum()),
                        Cell.number(kind.nodes())))
            .toList());
  }

  private static String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }
}
