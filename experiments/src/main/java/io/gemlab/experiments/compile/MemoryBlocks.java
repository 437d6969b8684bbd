package io.gemlab.experiments.compile;

import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.BarChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.tpu.pjrt.MemoryStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** What a program holds in the memory of each device. */
final class MemoryBlocks {
  static final double GIB = 1L << 30;
  private static final String NOT_TOLD = "not told";
  private static final Cell NOT_ESTIMATED = Cell.missing("not estimated");

  private MemoryBlocks() {}

  /** The compiler's figures, and ours in a column of their own. */
  static Block table(CaseResult result) {
    List<List<Cell>> rows = new ArrayList<>();
    MemoryAccount ours = result.planned();
    Estimate estimate = Estimate.of(result, ours);
    switch (result.outcome()) {
      case Outcome.Compiled compiled -> {
        MemoryAccount theirs = held(result, compiled);
        MemoryStatistics memory = compiled.program().memory();
        for (MemoryAccount.Kind kind : ours.kinds()) {
          rows.add(row(kind.label(), gib(theirs.of(kind)), gib(ours.of(kind))));
        }
        rows.add(row("padding of these", gib(memory.argument() - theirs.total()), NOT_ESTIMATED));
        rows.add(
            row(
                "outputs of their own",
                gib(memory.output() - memory.alias()),
                estimate.newOutputs()));
        rows.add(row("activations and temporaries", gib(memory.temp()), estimate.temporaries()));
        rows.add(row("the program itself", gib(memory.generatedCode()), NOT_ESTIMATED));
      }
      case Outcome.TooLarge _, Outcome.Failed _ -> {
        for (MemoryAccount.Kind kind : ours.kinds()) {
          rows.add(row(kind.label(), Cell.missing(NOT_TOLD), gib(ours.of(kind))));
        }
        rows.add(row("outputs of their own", Cell.missing(NOT_TOLD), estimate.newOutputs()));
        rows.add(
            row("activations and temporaries", Cell.missing(NOT_TOLD), estimate.temporaries()));
      }
    }
    rows.add(row("peak", gib(result.needed()), estimate.peak()));
    rows.add(row("what a device has", gib(result.deviceMemory()), Cell.missing("–")));
    return new Block.Table(
        "Memory of one device. The compiler's figures count. The estimate of what the program is"
            + " given is the sharding plan's"
            + (result.asked().target().devices() == 1
                ? "; of the rest, the most that lives at once in the order of the program before any"
                    + " compiler."
                : "."),
        List.of(
            Column.text("what"),
            Column.number(new Quantity("compiler", "GiB")),
            Column.number(new Quantity("Gemlab's estimate", "GiB"))),
        rows);
  }

  /**
   * What we expect of a program before any compiler; of a partitioned one only what it is given.
   */
  private record Estimate(Cell newOutputs, Cell temporaries, Cell peak) {
    static Estimate of(CaseResult result, MemoryAccount given) {
      if (result.asked().target().devices() > 1) {
        return new Estimate(NOT_ESTIMATED, NOT_ESTIMATED, NOT_ESTIMATED);
      }
      long newOutputs = result.cost().outputBytes() - aliased(result);
      return new Estimate(
          gib(newOutputs),
          gib(result.cost().peakLiveBytes() - given.total() - newOutputs),
          gib(result.cost().peakLiveBytes()));
    }
  }

  private static MemoryAccount held(CaseResult result, Outcome.Compiled compiled) {
    return MemoryAccount.of(
        result.exported().parameterNames(), compiled.optimized().parameterBytes());
  }

  /** The parts of the compiler's peak as bars, a group for each case. */
  static Block chart(List<CaseResult> results) {
    List<String> series = new ArrayList<>();
    for (MemoryAccount.Kind kind : MemoryAccount.Kind.values()) series.add(kind.label());
    series.add("activations and temporaries");
    series.add("peak");
    List<BarChart.Group> groups =
        results.stream()
            .map(result -> new BarChart.Group(result.asked().name(), bars(result)))
            .toList();
    return new Block.Figure(
        new BarChart(
            "Memory of a device", new Quantity("memory of a device", "GiB"), series, groups),
        "The compiler's figures; a part may share memory with another at another time.");
  }

  private static List<Value> bars(CaseResult result) {
    List<Value> bars = new ArrayList<>();
    switch (result.outcome()) {
      case Outcome.Compiled compiled -> {
        MemoryAccount held = held(result, compiled);
        for (MemoryAccount.Kind kind : MemoryAccount.Kind.values()) {
          bars.add(Value.of(held.of(kind) / GIB));
        }
        bars.add(Value.of(compiled.program().memory().temp() / GIB));
      }
      case Outcome.TooLarge _, Outcome.Failed _ -> {
        for (int i = 0; i <= MemoryAccount.Kind.values().length; i++) {
          bars.add(Value.missing(NOT_TOLD));
        }
      }
    }
    bars.add(
        result.needed().isPresent()
            ? Value.of(result.needed().getAsDouble() / GIB)
            : Value.missing(NOT_TOLD));
    return bars;
  }

  private static long aliased(CaseResult result) {
    List<Long> parameters = result.exported().parameterBytes();
    return result.exported().aliases().stream()
        .mapToLong(alias -> parameters.get(alias.parameter()))
        .sum();
  }

  private static List<Cell> row(String what, Cell compiler, Cell ours) {
    return List.of(Cell.text(what), compiler, ours);
  }

  static Cell gib(OptionalDouble bytes) {
    return bytes.isPresent() ? gib(bytes.getAsDouble()) : Cell.missing(NOT_TOLD);
  }

  private static Cell gib(double bytes) {
    return Cell.number(bytes / GIB);
  }
}
