package io.gemlab.experiments.bench.jmh;

import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.IntervalChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.render.Report.Section;
import io.gemlab.reports.render.RunBlocks;
import io.gemlab.reports.render.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** The report of a suite: one section an op. */
final class OpReport {
  private static final Quantity TIME = new Quantity("time of a call", "ms");

  private final OpPlan plan;
  private final List<OpFinding> findings;
  private final Provenance provenance;

  private OpReport(OpPlan plan, List<OpFinding> findings, Provenance provenance) {
    this.plan = plan;
    this.findings = findings;
    this.provenance = provenance;
  }

  static Report of(OpPlan plan, List<OpFinding> findings, Provenance provenance) {
    return new OpReport(plan, findings, provenance).report();
  }

  private Report report() {
    List<Section> sections = new ArrayList<>();
    for (BenchmarkedOp op : plan.ops()) {
      sections.add(new Section(op.label(), List.of(chart(op), table(op))));
    }
    sections.add(new Section("How it was measured", List.of(method())));
    sections.add(new Section("Where the numbers come from", RunBlocks.provenance(provenance)));
    return new Report(
        "Ops of the model " + plan.source().name() + " by path",
        "What does each op cost by itself, and what does an execution path make of it?",
        answer(),
        "bench --jmh · %s · %s · %d x %s tokens · %s, %d cores"
            .formatted(
                plan.source().name(),
                plan.precision().label(),
                plan.batch(),
                plan.lengths().stream().map(String::valueOf).collect(Collectors.joining(", ")),
                provenance.getCpuModel(),
                provenance.getCores()),
        List.of(overview()),
        sections);
  }

  /** How often each path was the fastest, at the longest length. */
  private String answer() {
    if (findings.isEmpty()) return "No benchmark ran to its end; jmh.log says why.";
    Map<String, Integer> wins = new LinkedHashMap<>();
    int cases = 0;
    for (BenchmarkedOp op : plan.ops()) {
      for (OpProgram.Pass pass : plan.effort().passes()) {
        Optional<OpFinding> fastest =
            findings.stream()
                .filter(one -> one.op() == op && one.pass() == pass && one.length() == longest())
                .min(Comparator.comparingDouble(OpFinding::millis));
        if (fastest.isEmpty()) continue;
        cases++;
        wins.merge(fastest.get().path(), 1, Integer::sum);
      }
    }
    String told =
        wins.entrySet().stream()
            .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
            .map(win -> win.getKey() + " for " + win.getValue())
            .collect(Collectors.joining(", "));
    return "Of %d ops and gradients at %d tokens, the path with the shortest time is %s."
        .formatted(cases, longest(), told);
  }

  private int longest() {
    return Collections.max(plan.lengths());
  }

  /** Every op and pass at the longest length, a column a path. */
  private Block overview() {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.text("op"));
    columns.add(Column.text("pass"));
    for (ExecutionPath path : plan.paths()) {
      columns.add(Column.estimate(new Quantity(path.label(), "ms")));
    }
    List<List<Cell>> rows = new ArrayList<>();
    for (BenchmarkedOp op : plan.ops()) {
      for (OpProgram.Pass pass : plan.effort().passes()) {
        List<Cell> row = new ArrayList<>();
        row.add(Cell.text(op.label()));
        row.add(Cell.text(pass.label()));
        for (ExecutionPath path : plan.paths()) {
          row.add(
              finding(op, pass, path, longest())
                  .map(found -> Cell.estimate(found.millis(), found.interval()))
                  .orElse(Cell.missing("failed")));
        }
        rows.add(row);
      }
    }
    return new Block.Table(
        "Time of a call at " + longest() + " tokens, with JMH's 99.9 % interval.", columns, rows);
  }

  private Block chart(BenchmarkedOp op) {
    List<IntervalChart.Group> groups = new ArrayList<>();
    for (OpProgram.Pass pass : plan.effort().passes()) {
      for (int length : plan.lengths()) {
        groups.add(
            new IntervalChart.Group(
                pass.label() + ", " + length + " tokens",
                plan.paths().stream()
                    .map(
                        path ->
                            new IntervalChart.Row(
                                path.label(), value(finding(op, pass, path, length))))
                    .toList()));
      }
    }
    boolean positive =
        findings.stream().filter(one -> one.op() == op).allMatch(one -> one.interval().low() > 0);
    return new Block.Figure(
        new IntervalChart(
            op.label() + " by path",
            positive ? Axis.log(TIME) : Axis.linear(TIME),
            OptionalDouble.empty(),
            Optional.empty(),
            groups),
        "Mean time of a call of " + op.label() + ", with JMH's error.");
  }

  private static Value value(Optional<OpFinding> finding) {
    return finding
        .map(found -> Value.of(found.millis(), found.interval()))
        .orElse(Value.missing("failed"));
  }

  private Block table(BenchmarkedOp op) {
    List<List<Cell>> rows =
        findings.stream()
            .filter(one -> one.op() == op)
            .map(
                one ->
                    List.of(
                        Cell.text(one.pass().label()),
                        Cell.number(one.length()),
                        Cell.text(one.path()),
                        Cell.number(one.millis()),
                        Cell.number(one.interval().halfWidth()),
                        Cell.number(one.xlaPrograms())))
            .toList();
    return new Block.Table(
        "JMH's score and error (half of a 99.9 % interval) of " + op.label() + ".",
        List.of(
            Column.text("pass"),
            Column.number(Quantity.of("tokens")),
            Column.text("path"),
            Column.number(new Quantity("score", "ms/call")),
            Column.number(new Quantity("error", "ms/call")),
            Column.number(Quantity.of("XLA programs"))),
        rows);
  }

  private Block method() {
    OpPlan.Effort effort = plan.effort();
    return Block.Paragraph.of(
        new Span.Plain(
            "JMH, average time: one JVM a benchmark, "
                + effort.warmups()
                + " warm-up and "
                + effort.iterations()
                + " measured iterations of "
                + effort.millis()
                + " ms each; compiling comes before them. Inputs lie in the executable's state and"
                + " outputs are not copied. gradient: from inputs and the outputs' gradients to"
                + " the inputs' gradients, with whatever of the forward pass that needs."
                + " Attentions see everything before each token, as in a global layer;"
                + " sdpa-attention has no cap. JMH's own results are in "),
        new Span.Code(OpSuite.RESULTS),
        new Span.Plain("."));
  }

  private Optional<OpFinding> finding(
      BenchmarkedOp op, OpProgram.Pass pass, ExecutionPath path, int length) {
    return findings.stream()
        .filter(
            one ->
                one.op() == op
                    && one.pass() == pass
                    && one.path().equals(path.label())
                    && one.length() == length)
        .findFirst();
  }
}
