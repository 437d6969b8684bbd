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
import java.util.function.ToLongFunction;

/** What a program holds in the memory of each device. */
final class MemoryBlocks {
  static final double GIB = 1L << 30;
  private static final String NOT_REPORTED = "not reported";
  private static final String REST = "activations and all else at the peak";
  private static final Cell NOT_ESTIMATED = Cell.missing("not estimated");

  private MemoryBlocks() {}

  /** What memory is shown in. */
  enum Unit {
    MIB("MiB", 1L << 20),
    GIB("GiB", 1L << 30);

    private final String label;
    private final double bytes;

    Unit(String label, double bytes) {
      this.label = label;
      this.bytes = bytes;
    }

    String label() {
      return label;
    }

    /** The one in which the peaks of all results can be read; an unreported peak is large. */
    static Unit of(List<CaseResult> results) {
      return results.stream()
              .map(CaseResult::needed)
              .allMatch(needed -> needed.orElse(MemoryBlocks.GIB) < MemoryBlocks.GIB)
          ? MIB
          : GIB;
    }

    Cell cell(double amount) {
      return Cell.number(amount / bytes);
    }

    Cell cell(OptionalDouble amount) {
      return amount.isPresent() ? cell(amount.getAsDouble()) : Cell.missing(NOT_REPORTED);
    }

    private Value value(OptionalDouble amount) {
      return amount.isPresent()
          ? Value.of(amount.getAsDouble() / bytes)
          : Value.missing(NOT_REPORTED);
    }
  }

  /**
   * The compiler's figures, and ours in a column of their own. Down to the peak the rows add up;
   * the compiler's total of temporaries may exceed the peak, since those of different times share
   * memory.
   */
  static Block table(CaseResult result) {
    Unit unit = Unit.of(List.of(result));
    MemoryBreakdown ours = result.planned();
    Estimate estimate = Estimate.of(result, ours, unit);
    List<List<Cell>> rows = new ArrayList<>();
    for (MemoryBreakdown.Kind kind : ours.kinds()) {
      Cell theirs = unit.cell(compiled(result, one -> held(result, one).of(kind)));
      rows.add(row(kind.label(), theirs, unit.cell(ours.of(kind))));
    }
    rows.add(
        row(
            "padding of these",
            unit.cell(
                compiled(
                    result,
                    one -> one.program().memory().argument() - inputs(result, one).total())),
            NOT_ESTIMATED));
    rows.add(
        row(
            "outputs of their own",
            unit.cell(compiled(result, one -> newOutputs(one.program().memory()))),
            estimate.newOutputs()));
    rows.add(row(REST, unit.cell(rest(result)), estimate.temporaries()));
    rows.add(row("peak", unit.cell(result.needed()), estimate.peak()));
    rows.add(row("what a device has", unit.cell(result.deviceMemory()), Cell.missing("–")));
    if (result.outcome() instanceof CaseOutcome.Compiled compiled) {
      MemoryStatistics memory = compiled.program().memory();
      rows.add(row("temporaries in all", unit.cell(memory.temp()), Cell.missing("–")));
      rows.add(row("the program itself", unit.cell(memory.generatedCode()), Cell.missing("–")));
    }
    return new Block.Table(
        "Memory of one device. The compiler's figures count, and add up to the peak. The two below"
            + " are its totals for the whole run, of which it does not say what the peak holds:"
            + " temporaries of different times share memory. The estimate of what the program is"
            + " given is the sharding plan's"
            + (result.compileCase().beside().isEmpty()
                ? ""
                : ", and so is the state of the step's other programs, which is counted with it")
            + (result.compileCase().target().devices() == 1
                ? "; of the rest, the most that lives at once in the order of the program before any"
                    + " compiler."
                : "."),
        List.of(
            Column.text("what"),
            Column.number(new Quantity("compiler", unit.label())),
            Column.number(new Quantity("Gemlab's estimate", unit.label()))),
        rows);
  }

  /** A figure of the compiler's, where it compiled. */
  private static OptionalDouble compiled(
      CaseResult result, ToLongFunction<CaseOutcome.Compiled> figure) {
    return result.outcome() instanceof CaseOutcome.Compiled compiled
        ? OptionalDouble.of(figure.applyAsLong(compiled))
        : OptionalDouble.empty();
  }

  private static long newOutputs(MemoryStatistics memory) {
    return memory.output() - memory.alias();
  }

  /** What of the peak is neither given nor returned. */
  private static OptionalDouble rest(CaseResult result) {
    return compiled(
        result,
        one -> {
          MemoryStatistics memory = one.program().memory();
          return memory.peak() - memory.argument() - newOutputs(memory);
        });
  }

  /**
   * What we expect of a program before any compiler; of a partitioned one only what it is given.
   */
  private record Estimate(Cell newOutputs, Cell temporaries, Cell peak) {
    static Estimate of(CaseResult result, MemoryBreakdown given, Unit unit) {
      if (result.compileCase().target().devices() > 1) {
        return new Estimate(NOT_ESTIMATED, NOT_ESTIMATED, NOT_ESTIMATED);
      }
      long newOutputs = result.cost().outputBytes() - aliased(result);
      long peak = result.cost().peakLiveBytes() + result.beside().total();
      return new Estimate(
          unit.cell(newOutputs), unit.cell(peak - given.total() - newOutputs), unit.cell(peak));
    }
  }

  /** With what lies beside the program, which is as planned. */
  private static MemoryBreakdown held(CaseResult result, CaseOutcome.Compiled compiled) {
    return inputs(result, compiled).plus(result.beside());
  }

  private static MemoryBreakdown inputs(CaseResult result, CaseOutcome.Compiled compiled) {
    return MemoryBreakdown.of(result.function(), compiled.optimized().parameterBytes());
  }

  /** The parts of the compiler's peak as bars, a group for each case. */
  static Block chart(List<CaseResult> results) {
    List<String> series = new ArrayList<>();
    for (MemoryBreakdown.Kind kind : MemoryBreakdown.Kind.values()) series.add(kind.label());
    series.add(REST);
    series.add("peak");
    Unit unit = Unit.of(results);
    List<BarChart.Group> groups =
        results.stream()
            .map(result -> new BarChart.Group(result.compileCase().name(), bars(result, unit)))
            .toList();
    return new Block.Figure(
        new BarChart(
            "Memory of a device", new Quantity("memory of a device", unit.label()), series, groups),
        "The compiler's figures.");
  }

  private static List<Value> bars(CaseResult result, Unit unit) {
    List<Value> bars = new ArrayList<>();
    for (MemoryBreakdown.Kind kind : MemoryBreakdown.Kind.values()) {
      bars.add(unit.value(compiled(result, one -> held(result, one).of(kind))));
    }
    bars.add(unit.value(rest(result)));
    bars.add(unit.value(result.needed()));
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
}
