package io.gemlab.experiments.compile;

import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Block.KeyValues.Entry;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.render.RunBlocks;
import io.gemlab.reports.render.Span;
import io.gemlab.tpu.hlo.cost.Chip;
import io.gemlab.tpu.pjrt.compile.CompiledProgram;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * The report of one compilation, of several side by side, or of the functions of a training step.
 *
 * @param results one a case, 1 or more; variants are compared with the first
 * @param searched what else was compiled to find it; empty where nothing was searched
 */
record CompileReport(List<CaseResult> results, List<CaseResult> searched) {
  private static final Cell NONE = Cell.missing("–");

  private static final String RULES =
      "Whether it fits, and the memory's totals, are the compiler's own figures. MFU is the FLOPs"
          + " that the model asks for over what the chip's published bfloat16 peak does in the"
          + " predicted time: two FLOPs a multiply-add of its matrix products; of attention only the"
          + " pairs of positions that causality and the sliding window leave; nothing counted that"
          + " is computed a second time. The roofline is a bound that no program beats: each kernel"
          + " at the chip's peak of arithmetic or of memory traffic, whichever takes longer. The"
          + " compiler's cycles are its own estimate, at the clock that the chip's published peak"
          + " implies; a kernel without cycles counts with its roofline, an asynchronous one with"
          + " nothing. Predicted adds the collectives as if none overlapped with computation;"
          + " overlapped assumes that all of them do, and the truth lies between. A collective goes"
          + " round a ring at the published rate of one link (of a TPU both directions together; of"
          + " a GPU NVLink in one direction, within a host): an axis that lies along several sides of"
          + " the slice may be faster, one along a side that does not close to a ring slower."
          + " Nothing here was run on a device.";

  CompileReport {
    results = List.copyOf(results);
    searched = List.copyOf(searched);
  }

  Report report(Provenance provenance) {
    CaseResult first = results.getFirst();
    List<Block> summary =
        new ArrayList<>(List.of(fits(results), speed(results), MemoryBlocks.chart(results)));
    summary.addAll(notices());
    List<Report.Section> sections = new ArrayList<>();
    if (!searched.isEmpty()) {
      sections.add(new Report.Section("Search", List.of(fits(searched), speed(searched))));
    }
    for (CaseResult result : results) sections.addAll(sections(result));
    if (first.compileCase().target().chip().isPresent()) {
      Chip chip = first.compileCase().target().chip().get();
      for (CaseResult other : variants()) {
        sections.add(
            new Report.Section(
                "Costed difference: %s against %s"
                    .formatted(other.compileCase().name(), first.compileCase().name()),
                DiffBlocks.of(first, other, chip)));
      }
    }
    sections.add(new Report.Section("How to read this", List.of(Block.Paragraph.of(RULES))));
    sections.add(new Report.Section("Provenance", RunBlocks.provenance(provenance)));
    return new Report(
        "Compile: %s %s"
            .formatted(first.compileCase().model().label(), first.compileCase().program().label()),
        variants().isEmpty()
            ? "Does it fit, what does a device hold, and how long should a step take?"
            : "What does each variant need of a device, and how long should a step take?",
        answer(),
        "%s, Gemlab %s".formatted(first.compileCase().described(), provenance.getGemlabVersion()),
        summary,
        sections);
  }

  /** Alternatives to the first; none where the cases are a step's functions. */
  private List<CaseResult> variants() {
    boolean isStep = results.getFirst().compileCase().part().isPresent();
    return isStep ? List.of() : results.subList(1, results.size());
  }

  /** A sentence for each case, and one for a step of several. */
  String answer() {
    List<String> sentences = new ArrayList<>();
    for (CaseResult result : results) sentences.add(Verdict.sentence(result));
    if (results.size() > 1 && variants().isEmpty()) step().ifPresent(sentences::add);
    return String.join(" ", sentences);
  }

  private Optional<String> step() {
    if (stepSeconds().isEmpty()) return Optional.empty();
    String calls =
        results.stream()
            .map(
                result ->
                    "%d x %s".formatted(result.calls(), result.compileCase().part().get().name()))
            .collect(Collectors.joining(" and "));
    return Optional.of(
        "A step, %s, takes %s ms."
            .formatted(calls, Numbers.significant(1e3 * stepSeconds().getAsDouble(), 3)));
  }

  /** What the calls of a step take together; empty without a prediction of each. */
  private OptionalDouble stepSeconds() {
    double seconds = 0;
    for (CaseResult result : results) {
      if (result.predicted().isEmpty()) return OptionalDouble.empty();
      seconds += result.calls() * result.predicted().getAsDouble();
    }
    return OptionalDouble.of(seconds);
  }

  /** Of the first case, or of a whole step; all devices together. */
  OptionalDouble tokensPerSecond() {
    if (!variants().isEmpty()) return results.getFirst().tokensPerSecond();
    if (stepSeconds().isEmpty()) return OptionalDouble.empty();
    double tokens =
        results.stream().mapToDouble(result -> (double) result.calls() * result.tokens()).sum();
    return OptionalDouble.of(tokens / stepSeconds().getAsDouble());
  }

  boolean allFit() {
    return results.stream().allMatch(CaseResult::fits);
  }

  private static Block fits(List<CaseResult> results) {
    MemoryBlocks.Unit unit = MemoryBlocks.Unit.of(results);
    return new Block.Table(
        "What a device holds.",
        List.of(
            Column.text("case"),
            Column.text("fits"),
            Column.number(new Quantity("peak", unit.label())),
            Column.number(new Quantity("headroom", "GiB")),
            Column.number(new Quantity("compile time", "s"))),
        results.stream().map(result -> fits(result, unit)).toList());
  }

  private static List<Cell> fits(CaseResult result, MemoryBlocks.Unit unit) {
    List<Cell> row = new ArrayList<>();
    row.add(Cell.text(result.compileCase().name()));
    row.add(Cell.text(result.fits() ? "yes" : "no"));
    row.add(unit.cell(result.needed()));
    row.add(
        result.needed().isPresent() && result.deviceMemory().isPresent()
            ? Cell.number(
                (result.deviceMemory().getAsDouble() - result.needed().getAsDouble())
                    / MemoryBlocks.GIB)
            : NONE);
    row.add(
        result.outcome() instanceof CaseOutcome.Compiled compiled
            ? Cell.number(compiled.program().compiler().time().toMillis() / 1e3)
            : NONE);
    return row;
  }

  private static Block speed(List<CaseResult> results) {
    return new Block.Table(
        "How long a run takes. MFU by the model's FLOPs, causality and window counted; the rules are below.",
        List.of(
            Column.text("case"),
            Column.number(new Quantity("compiler's cycles", "ms")),
            Column.number(new Quantity("of which roofline", "ms")),
            Column.number(new Quantity("roofline", "ms")),
            Column.number(new Quantity("collectives", "ms")),
            Column.number(new Quantity("predicted", "ms")),
            Column.number(new Quantity("overlapped", "ms")),
            Column.number(new Quantity("MFU", "%")),
            Column.number(new Quantity("tokens", "1/s"))),
        results.stream().map(CompileReport::speed).toList());
  }

  private static List<Cell> speed(CaseResult result) {
    List<Cell> row = new ArrayList<>();
    row.add(Cell.text(result.compileCase().name()));
    switch (result.outcome()) {
      case CaseOutcome.Compiled _ -> {
        StepTime time = result.time().orElseThrow();
        row.add(milliseconds(time.cycles()));
        row.add(time.cycles().isPresent() ? Cell.number(1e3 * time.filled()) : NONE);
        row.add(milliseconds(time.roofline()));
        row.add(Cell.number(1e3 * time.communication()));
        row.add(milliseconds(time.predicted()));
        row.add(milliseconds(time.overlapped()));
        OptionalDouble mfu = result.mfu();
        row.add(mfu.isPresent() ? Cell.number(100 * mfu.getAsDouble()) : NONE);
        OptionalDouble tokens = result.tokensPerSecond();
        row.add(tokens.isPresent() ? Cell.number(tokens.getAsDouble()) : NONE);
      }
      case CaseOutcome.TooLarge _, CaseOutcome.Failed _ -> row.addAll(Collections.nCopies(8, NONE));
    }
    return row;
  }

  private static Cell milliseconds(OptionalDouble seconds) {
    return seconds.isPresent() ? Cell.number(1e3 * seconds.getAsDouble()) : NONE;
  }

  private List<Block> notices() {
    List<Block> notices = new ArrayList<>();
    for (CaseResult result : results) {
      result
          .compileCase()
          .model()
          .deviation()
          .ifPresent(
              what ->
                  notices.add(
                      new Block.Notice(
                          Block.Notice.Kind.WARNING,
                          Block.Paragraph.of(
                              new Span.Strong(result.compileCase().name()),
                              new Span.Plain(
                                  ": %s: asked %s, compiled %s: %s"
                                      .formatted(
                                          what.part(),
                                          what.asked(),
                                          what.ran(),
                                          what.reason()))))));
      if (!result.cost().uncountedLoops().isEmpty()) {
        notices.add(
            new Block.Notice(
                Block.Notice.Kind.WARNING,
                Block.Paragraph.of(
                    "%s: %d loops have an unknown number of iterations; each counts as one iteration."
                        .formatted(
                            result.compileCase().name(), result.cost().uncountedLoops().size()))));
      }
    }
    return notices;
  }

  private List<Report.Section> sections(CaseResult result) {
    String of = results.size() == 1 ? "" : ": " + result.compileCase().name();
    List<Report.Section> sections = new ArrayList<>();
    sections.add(new Report.Section("Memory" + of, List.of(MemoryBlocks.table(result))));
    if (result.outcome() instanceof CaseOutcome.Compiled compiled) {
      if (result.compileCase().target().chip().isPresent()) {
        TimeBlocks time = TimeBlocks.of(result, compiled);
        sections.add(
            new Report.Section(
                "Time" + of, List.of(time.parts(result.cost().parts()), time.top())));
        sections.add(new Report.Section("Fusions" + of, List.of(time.kinds())));
        if (result.compileCase().target().devices() > 1) {
          CollectiveBlocks collectives = CollectiveBlocks.of(result.compileCase(), compiled);
          sections.add(
              new Report.Section(
                  "Collectives" + of, List.of(collectives.kinds(), collectives.top())));
        }
      }
      sections.add(new Report.Section("Compiler" + of, List.of(compiler(result, compiled))));
    }
    return sections;
  }

  private static Block compiler(CaseResult result, CaseOutcome.Compiled compiled) {
    CompiledProgram program = compiled.program();
    CompiledProgram.Compiler by = program.compiler();
    List<Entry> facts = new ArrayList<>();
    facts.add(new Entry("Compiled", result.compileCase().described()));
    facts.add(new Entry("Program", result.compileCase().does()));
    facts.add(new Entry("Plugin", by.plugin() + ", PJRT " + by.apiVersion()));
    facts.add(new Entry("Version", by.platformVersion().replaceAll("\\s+", " ")));
    facts.add(new Entry("Devices", by.numDevices() + " of kind " + by.deviceKind()));
    facts.add(new Entry("Compile time", by.time().toMillis() / 1e3 + " s"));
    by.peakMemory()
        .ifPresent(
            bytes -> facts.add(new Entry("Compiler's memory", Verdict.gib(bytes) + " resident")));
    facts.add(new Entry("Executable", Verdict.mib(program.executable().length)));
    program.fingerprint().ifPresent(print -> facts.add(new Entry("Fingerprint", print)));
    return new Block.KeyValues(facts);
  }
}
