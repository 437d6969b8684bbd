package io.gemlab.experiments.compile;

import io.gemlab.reports.Quantity;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.tpu.hlo.cost.Chip;
import io.gemlab.tpu.hlo.cost.Cost;
import io.gemlab.tpu.hlo.cost.HloKernel;
import io.gemlab.tpu.hlo.cost.ModelPart;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;

/**
 * Where a compiled program's time goes, by the rule of {@link StepTime#predicted}.
 *
 * @param chip what it runs on
 * @param kernels its kernels
 * @param time what all of them take
 */
record TimeBlocks(Chip chip, List<HloKernel> kernels, StepTime time) {
  private static final int TOP = 15;
  private static final Pattern LAYER = Pattern.compile("(?<=layers\\.)\\d+");
  private static final Pattern REPEATED = Pattern.compile("_\\d+(?=/|$)");

  /**
   * @param compiled what came of the case
   */
  static TimeBlocks of(CaseResult result, CaseOutcome.Compiled compiled) {
    return new TimeBlocks(
        result.compileCase().target().chip().orElseThrow(),
        HloKernel.of(compiled.optimized()),
        result.time().orElseThrow());
  }

  private double seconds(HloKernel kernel) {
    return time.seconds(kernel, chip);
  }

  /** The operations that take longest, those of all layers together. */
  Block top() {
    record Key(String kind, String path, String shape) {}
    Map<Key, List<HloKernel>> alike = new LinkedHashMap<>();
    for (HloKernel kernel : kernels) {
      String path = ofAllLayers(kernel.path());
      alike
          .computeIfAbsent(new Key(kernel.kind(), path, kernel.shape()), any -> new ArrayList<>())
          .add(kernel);
    }
    List<List<Cell>> rows =
        alike.entrySet().stream()
            .sorted(
                Comparator.comparingDouble(
                    (Map.Entry<Key, List<HloKernel>> entry) ->
                        -sum(entry.getValue(), this::seconds)))
            .limit(TOP)
            .map(
                entry ->
                    List.of(
                        Cell.text(entry.getKey().kind()),
                        Cell.number(1e3 * sum(entry.getValue(), this::seconds)),
                        share(sum(entry.getValue(), this::seconds)),
                        Cell.number(sum(entry.getValue(), HloKernel::times)),
                        Cell.text(shortened(entry.getKey().path())),
                        Cell.text(shortened(entry.getKey().shape()))))
            .toList();
    return new Block.Table(
        "The %d operations of the compiled program that take longest by %s; those of all layers count together (#)."
            .formatted(rows.size(), time.rule()),
        List.of(
            Column.text("operation"),
            Column.number(new Quantity("predicted", "ms")),
            Column.number(new Quantity("share", "%")),
            Column.number(Quantity.of("times")),
            Column.text("from"),
            Column.text("result")),
        rows);
  }

  /** A path with # where a layer's number stands. */
  static String ofAllLayers(String path) {
    return LAYER.matcher(REPEATED.matcher(path).replaceAll("")).replaceAll("#");
  }

  /** What the compiler fused: kernels by kind. */
  Block kinds() {
    Map<String, List<HloKernel>> kinds = new TreeMap<>();
    for (HloKernel kernel : kernels) {
      kinds.computeIfAbsent(kernel.kind(), any -> new ArrayList<>()).add(kernel);
    }
    List<List<Cell>> rows =
        kinds.entrySet().stream()
            .sorted(
                Comparator.comparingDouble(
                    (Map.Entry<String, List<HloKernel>> entry) ->
                        -sum(entry.getValue(), this::seconds)))
            .limit(TOP)
            .map(
                entry ->
                    List.of(
                        Cell.text(entry.getKey()),
                        Cell.number(entry.getValue().size()),
                        Cell.number(sum(entry.getValue(), HloKernel::times)),
                        Cell.number(1e3 * sum(entry.getValue(), this::seconds)),
                        share(sum(entry.getValue(), this::seconds))))
            .toList();
    return new Block.Table(
        "What the compiled program is made of. Fusions of kind output hold a matrix product.",
        List.of(
            Column.text("operation"),
            Column.number(Quantity.of("in the program")),
            Column.number(Quantity.of("run")),
            Column.number(new Quantity("predicted", "ms")),
            Column.number(new Quantity("share", "%"))),
        rows);
  }

  /** The exported program's cost by part of the model, and the compiled one's time. */
  Block parts(Map<ModelPart, Cost> exported) {
    List<List<Cell>> rows = new ArrayList<>();
    exported.forEach(
        (part, cost) -> {
          double seconds =
              kernels.stream()
                  .filter(kernel -> kernel.part() == part)
                  .mapToDouble(this::seconds)
                  .sum();
          rows.add(
              List.of(
                  Cell.text(part.label()),
                  Cell.number(cost.flops() / 1e12),
                  Cell.number(cost.matrixFlops() / 1e12),
                  Cell.number(cost.transcendentals() / 1e9),
                  Cell.number(cost.bytes() / MemoryBlocks.GIB),
                  Cell.number(1e3 * seconds),
                  share(seconds)));
        });
    return new Block.Table(
        "By part of the model: FLOPs, transcendentals and memory traffic of the program before any"
            + " compiler, as Gemlab counts them; time of the compiled one by "
            + time.rule()
            + ". A fusion counts with the part its result belongs to.",
        List.of(
            Column.text("part"),
            Column.number(new Quantity("FLOPs", "10¹²")),
            Column.number(new Quantity("of matrix products", "10¹²")),
            Column.number(new Quantity("transcendentals", "10⁹")),
            Column.number(new Quantity("traffic", "GiB")),
            Column.number(new Quantity("predicted", "ms")),
            Column.number(new Quantity("share", "%"))),
        rows);
  }

  private Cell share(double seconds) {
    OptionalDouble all = time.predicted();
    return all.isPresent() && all.getAsDouble() > 0
        ? Cell.number(100 * seconds / all.getAsDouble())
        : Cell.missing("–");
  }

  private static double sum(List<HloKernel> kernels, ToDoubleFunction<HloKernel> value) {
    return kernels.stream().mapToDouble(value).sum();
  }

  private static String shortened(String text) {
    int most = 90;
    return text.length() <= most ? text : text.substring(0, most) + "…";
  }
}
