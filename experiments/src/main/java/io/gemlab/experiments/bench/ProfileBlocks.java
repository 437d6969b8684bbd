package io.gemlab.experiments.bench;

import io.gemlab.experiments.program.TimeByKind;
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
  /** Below, a picture tells no more than the table. */
  private static final int WORTH_A_CHART = 3;

  private ProfileBlocks() {}

  static List<Block> of(CellFinding finding) {
    TimeByKind time = finding.timeByKind().withoutSmall();
    String path = finding.cell().path().label();
    String program = finding.cell().program().label();
    List<Block> blocks = new ArrayList<>();
    blocks.add(Block.Paragraph.of(overlap(finding, time)));
    if (time.kinds().size() >= WORTH_A_CHART) blocks.add(chart(time, program, path));
    blocks.add(table(time, program, path));
    return blocks;
  }

  private static String overlap(CellFinding finding, TimeByKind time) {
    return ("On the %s path the nodes of one call, watched one by one, ran for %s ms in all, within"
            + " %s ms: %s at once on average. A call that is not watched takes %s ms.")
        .formatted(
            finding.cell().path().label(),
            Numbers.significant(time.sum(), 3),
            Numbers.significant(time.spanMillis(), 3),
            Numbers.significant(time.sum() / time.spanMillis(), 2),
            Numbers.significant(finding.time().median(), 3));
  }

  private static Block chart(TimeByKind time, String program, String path) {
    List<BarChart.Group> groups =
        time.kinds().stream()
            .map(kind -> new BarChart.Group(kind.label(), List.of(Value.of(kind.millis()))))
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
                        Cell.number(kind.millis()),
                        Cell.number(100 * kind.millis() / time.sum()),
                        Cell.number(kind.nodes())))
            .toList());
  }
}
