package io.gemlab.reports.render;

import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.record.Deviation;
import io.gemlab.reports.record.Execution;
import io.gemlab.reports.record.Library;
import io.gemlab.reports.record.Outcome;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.Setting;
import io.gemlab.reports.render.Block.KeyValues.Entry;
import io.gemlab.reports.render.Block.Notice.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What run records say beside their measurements: what really ran, what did not, and where. */
public final class RunBlocks {
  private static final double GIB = 1L << 30;

  /** A notice names so many runs, and counts the others. */
  private static final int RUNS_NAMED = 6;

  private RunBlocks() {}

  /** Versions, machine and the command that repeats the runs. */
  public static List<Block> provenance(Provenance provenance) {
    List<Entry> facts = new ArrayList<>();
    facts.add(new Entry("Gemlab", provenance.getGemlabVersion()));
    facts.add(
        new Entry(
            "Commit",
            provenance.getGitCommit()
                + (provenance.getGitDirty() ? ", with changes that are not committed" : "")));
    for (Library library : provenance.getLibrariesList()) {
      facts.add(new Entry(library.getName(), library.getVersion()));
    }
    facts.add(new Entry("Java", provenance.getJava()));
    facts.add(new Entry("System", provenance.getOperatingSystem()));
    facts.add(
        new Entry(
            "Processor", provenance.getCpuModel() + ", " + provenance.getCores() + " cores used"));
    facts.add(new Entry("Instructions", String.join(" ", provenance.getCpuFeaturesList())));
    facts.add(
        new Entry("Memory", Numbers.significant(provenance.getMemoryBytes() / GIB, 3) + " GiB"));
    for (Setting setting : provenance.getSettingsList()) {
      facts.add(new Entry(setting.getName(), setting.getValue()));
    }
    facts.removeIf(fact -> fact.value().isEmpty());
    return List.of(
        new Block.KeyValues(facts),
        Block.Paragraph.of("This command repeats the runs:"),
        new Block.Code("sh", provenance.getCommand()));
  }

  /**
   * One notice for each thing that was refused, failed, was stopped, or ran otherwise than asked.
   */
  public static List<Block> departures(List<RunRecord> runs) {
    Map<Block.Notice, List<String>> notices = new LinkedHashMap<>();
    for (RunRecord run : runs) {
      for (Block.Notice notice : departures(run)) {
        notices.computeIfAbsent(notice, any -> new ArrayList<>()).add(run.getId());
      }
    }
    if (notices.isEmpty()) {
      return List.of(Block.Paragraph.of("Every run was completed, and ran as requested."));
    }
    return notices.entrySet().stream()
        .<Block>map(entry -> withRuns(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static List<Block.Notice> departures(RunRecord run) {
    List<Block.Notice> notices = new ArrayList<>();
    Outcome outcome = run.getOutcome();
    String why = outcome.getMessage() + "." + remedy(outcome.getRemedy());
    switch (outcome.getStatus()) {
      case REFUSED -> notices.add(notice(Kind.REFUSAL, run.getArm(), why));
      case FAILED ->
          notices.add(
              notice(Kind.WARNING, run.getArm() + (outcome.getDiverged() ? "" : " failed"), why));
      case INTERRUPTED -> notices.add(notice(Kind.WARNING, run.getArm() + " was stopped", why));
      case COMPLETE, STATUS_UNSPECIFIED, UNRECOGNIZED -> {}
    }
    for (Deviation deviation : run.getDeviationsList()) {
      String what =
          "asked "
              + deviation.getAsked()
              + ", ran "
              + deviation.getRan()
              + ": "
              + deviation.getReason()
              + "."
              + remedy(deviation.getRemedy());
      notices.add(notice(Kind.WARNING, deviation.getSwitch(), what));
    }
    return notices;
  }

  private static String remedy(String remedy) {
    return remedy.isEmpty() ? "" : " Remedy: " + remedy + ".";
  }

  private static Block.Notice notice(Kind kind, String subject, String text) {
    return new Block.Notice(
        kind, Block.Paragraph.of(new Span.Strong(subject), new Span.Plain(": " + text)));
  }

  private static Block.Notice withRuns(Block.Notice notice, List<String> runs) {
    List<Span> spans = new ArrayList<>(notice.text().spans());
    spans.add(new Span.Plain(runs.size() == 1 ? " Run " : " Runs "));
    for (int i = 0; i < Math.min(runs.size(), RUNS_NAMED); i++) {
      if (i > 0) spans.add(new Span.Plain(", "));
      spans.add(new Span.Code(runs.get(i)));
    }
    int more = runs.size() - RUNS_NAMED;
    spans.add(new Span.Plain(more > 0 ? " and " + more + " more." : "."));
    return new Block.Notice(notice.kind(), new Block.Paragraph(spans));
  }

  /** What really ran: one row for the runs of an arm that executed alike. */
  public static Block.Table executions(List<RunRecord> runs) {
    Map<Execution, List<RunRecord>> alike = new LinkedHashMap<>();
    Map<Execution, String> arms = new LinkedHashMap<>();
    for (RunRecord run : runs) {
      if (!run.hasExecution()) continue;
      // Compile times differ between runs that executed alike.
      Execution execution = run.getExecution().toBuilder().clearCompileSeconds().build();
      alike.computeIfAbsent(execution, any -> new ArrayList<>()).add(run);
      arms.merge(
          execution,
          run.getArm(),
          (before, arm) ->
              List.of(before.split(", ")).contains(arm) ? before : before + ", " + arm);
    }
    boolean notes = alike.keySet().stream().anyMatch(any -> any.getNotesCount() > 0);
    List<Column> columns =
        new ArrayList<>(
            List.of(
                Column.text("arms"),
                Column.text("path requested"),
                Column.text("path that ran"),
                Column.text("XLA"),
                Column.number(Quantity.of("XLA clusters")),
                Column.number(Quantity.of("nodes executed")),
                Column.number(new Quantity("longest compiling or loading", "s")),
                Column.number(Quantity.of("runs"))));
    if (notes) columns.add(Column.text("notes"));
    List<List<Cell>> rows = new ArrayList<>();
    alike.forEach(
        (execution, group) -> {
          List<Cell> row = new ArrayList<>(row(arms.get(execution), execution, group));
          if (notes) row.add(Cell.text(String.join(" ", execution.getNotesList())));
          rows.add(row);
        });
    return new Block.Table(
        "What really ran, as the built graph and the runtime report it.", columns, rows);
  }

  private static List<Cell> row(String arms, Execution execution, List<RunRecord> runs) {
    double longest =
        runs.stream().mapToDouble(run -> run.getExecution().getCompileSeconds()).max().orElse(0);
    return List.of(
        Cell.text(arms),
        Cell.text(execution.getPathAsked()),
        Cell.text(execution.getPathRan()),
        Cell.text(execution.getXlaUsed() ? "yes" : "no"),
        Cell.number(execution.getXlaClusters()),
        execution.getNodesExecuted() == 0
            ? Cell.missing("unknown")
            : Cell.number(execution.getNodesExecuted()),
        Cell.number(longest),
        Cell.number(runs.size()));
  }
}
