package io.gemlab.experiments.compile;

import io.gemlab.reports.Quantity;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.tpu.hlo.cost.Chip;
import io.gemlab.tpu.hlo.cost.CollectiveKind;
import io.gemlab.tpu.hlo.cost.HloCollective;
import io.gemlab.tpu.mesh.Mesh;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The collectives of one run of a compiled program.
 *
 * @param chip what the program runs on
 * @param mesh how the devices are arranged
 * @param collectives all of them
 */
record CollectiveBlocks(Chip chip, Mesh mesh, List<HloCollective> collectives) {
  private static final int TOP = 12;

  static CollectiveBlocks of(CompileCase compileCase, CaseOutcome.Compiled compiled) {
    return new CollectiveBlocks(
        compileCase.target().chip().orElseThrow(),
        compileCase.mesh(),
        HloCollective.of(compiled.optimized()));
  }

  /** By kind and the axis of the mesh. */
  Block kinds() {
    record Key(CollectiveKind kind, String axes) {}
    List<List<Cell>> rows =
        grouped(collective -> new Key(collective.kind(), axes(collective))).entrySet().stream()
            .map(entry -> row(entry.getKey().kind(), entry.getKey().axes(), entry.getValue()))
            .toList();
    return new Block.Table(
        "Collectives of one run, by kind and by the axis of the mesh that they go"
            + " along. Data is what a device puts in; loops are multiplied out.",
        columns(),
        rows);
  }

  /** Those that take longest, of all layers together. */
  Block top() {
    record Key(CollectiveKind kind, String axes, String path) {}
    List<List<Cell>> rows =
        grouped(
                collective ->
                    new Key(
                        collective.kind(),
                        axes(collective),
                        TimeBlocks.ofAllLayers(collective.path())))
            .entrySet()
            .stream()
            .limit(TOP)
            .map(
                entry -> {
                  Key key = entry.getKey();
                  List<Cell> row = row(key.kind(), key.axes(), entry.getValue());
                  row.add(Cell.text(key.path().isEmpty() ? "not reported" : key.path()));
                  return row;
                })
            .toList();
    List<Column> columns = columns();
    columns.add(Column.text("from"));
    return new Block.Table(
        "The %d collectives that take longest; those of all layers count together (#)."
            .formatted(rows.size()),
        columns,
        rows);
  }

  /** Longest first. */
  private <K> Map<K, List<HloCollective>> grouped(Function<HloCollective, K> key) {
    Map<K, List<HloCollective>> groups =
        collectives.stream()
            .collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
    return groups.entrySet().stream()
        .sorted(
            Comparator.comparingDouble(
                (Map.Entry<K, List<HloCollective>> entry) -> -sum(entry.getValue(), this::seconds)))
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, Map.Entry::getValue, (a, _) -> a, LinkedHashMap::new));
  }

  private static List<Column> columns() {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.text("collective"));
    columns.add(Column.text("axis"));
    columns.add(Column.number(Quantity.of("in the program")));
    columns.add(Column.number(Quantity.of("run")));
    columns.add(Column.number(new Quantity("data", "MiB")));
    columns.add(Column.number(new Quantity("predicted", "ms")));
    return columns;
  }

  private List<Cell> row(CollectiveKind kind, String axes, List<HloCollective> alike) {
    List<Cell> row = new ArrayList<>();
    row.add(Cell.text(kind.label()));
    row.add(Cell.text(axes));
    row.add(Cell.number(alike.size()));
    row.add(Cell.number(sum(alike, HloCollective::times)));
    row.add(
        Cell.number(
            sum(alike, collective -> collective.times() * collective.bytes()) / Verdict.MIB));
    row.add(Cell.number(1e3 * sum(alike, this::seconds)));
    return row;
  }

  private String axes(HloCollective collective) {
    return collective.groups().isEmpty()
        ? "all"
        : mesh.axes(collective.groups()).stream()
            .map(Mesh.Axis::label)
            .collect(Collectors.joining(" and "));
  }

  private double seconds(HloCollective collective) {
    return collective.seconds(chip);
  }

  private static double sum(List<HloCollective> alike, ToDoubleFunction<HloCollective> value) {
    return alike.stream().mapToDouble(value).sum();
  }
}
