package io.gemlab.experiments.compile;

import io.gemlab.reports.Quantity;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.tpu.hlo.cost.Chip;
import io.gemlab.tpu.hlo.cost.HloDiff;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What one program computes that another does not, with what it costs. */
final class DiffBlocks {
  private static final int TOP = 8;

  private DiffBlocks() {}

  /** The costed difference of two exported programs on a chip. */
  static List<Block> of(CaseResult first, CaseResult second, Chip chip) {
    HloDiff diff = HloDiff.of(first.exported(), second.exported(), chip);
    return List.of(
        parts(first.compileCase().name(), second.compileCase().name(), diff, chip),
        instructions(first.compileCase().name(), second.compileCase().name(), diff));
  }

  private static Block parts(String first, String second, HloDiff diff, Chip chip) {
    List<List<Cell>> rows = new ArrayList<>();
    diff.parts()
        .forEach(
            (part, both) ->
                rows.add(
                    List.of(
                        Cell.text(part.label()),
                        Cell.number((both.second().flops() - both.first().flops()) / 1e9),
                        Cell.number(
                            (both.second().transcendentals() - both.first().transcendentals())
                                / 1e9),
                        Cell.number(
                            (both.second().bytes() - both.first().bytes()) / MemoryBlocks.GIB),
                        Cell.number(1e3 * (both.secondSeconds() - both.firstSeconds())))));
    return new Block.Table(
        "%s minus %s, of the programs before any compiler; time is the roofline of %s."
            .formatted(second, first, chip.label()),
        List.of(
            Column.text("part"),
            Column.number(new Quantity("FLOPs", "10⁹")),
            Column.number(new Quantity("transcendentals", "10⁹")),
            Column.number(new Quantity("traffic", "GiB")),
            Column.number(new Quantity("roofline", "ms"))),
        rows);
  }

  private record Row(String only, HloDiff.Difference difference) {
    double weight() {
      return difference.seconds();
    }
  }

  private static Block instructions(String first, String second, HloDiff diff) {
    List<List<Cell>> rows =
        diff.parts().values().stream()
            .flatMap(
                part -> Stream.concat(top(first, part.onlyFirst()), top(second, part.onlySecond())))
            .sorted(Comparator.comparingDouble(Row::weight).reversed())
            .limit(2L * TOP)
            .map(
                row ->
                    List.of(
                        Cell.text(row.only()),
                        Cell.text(row.difference().kind()),
                        Cell.number(row.difference().times()),
                        Cell.number(row.difference().cost().flops() / 1e9),
                        Cell.number(row.difference().cost().transcendentals() / 1e9),
                        Cell.number(1e3 * row.difference().seconds()),
                        Cell.text(row.difference().path()),
                        Cell.text(row.difference().shape())))
            .toList();
    return new Block.Table(
        "Instructions that one program has more of, the largest; time is that of the kernels they"
            + " end, and 0 for what is fused into another.",
        List.of(
            Column.text("only in"),
            Column.text("operation"),
            Column.number(Quantity.of("times")),
            Column.number(new Quantity("FLOPs", "10⁹")),
            Column.number(new Quantity("transcendentals", "10⁹")),
            Column.number(new Quantity("roofline", "ms")),
            Column.text("from"),
            Column.text("result")),
        rows);
  }

  private static Stream<Row> top(String only, List<HloDiff.Difference> differences) {
    return differences.stream()
        .sorted(Comparator.comparingDouble(HloDiff.Difference::seconds).reversed())
        .limit(TOP)
        .map(difference -> new Row(only, difference));
  }
}
