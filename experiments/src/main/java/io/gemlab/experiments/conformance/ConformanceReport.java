package io.gemlab.experiments.conformance;

import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Block.Notice;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.render.Report.Section;
import io.gemlab.reports.render.RunBlocks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The report of a conformance run. */
record ConformanceReport(ConformanceOutcome outcome) {
  static Report of(ConformanceOutcome outcome, Provenance provenance) {
    return new ConformanceReport(outcome).report(provenance);
  }

  private Report report(Provenance provenance) {
    List<Section> sections = new ArrayList<>();
    for (Expectation expectation : outcome.expectations()) {
      sections.add(
          new Section("Probe " + expectation.probe().label(), List.of(findings(expectation))));
    }
    sections.add(new Section("What the probes tell apart", List.of(mistakes())));
    sections.add(new Section("Refused", refusals()));
    sections.add(new Section("Gemlab kernels", List.of(kernels())));
    sections.add(new Section("How to read this", List.of(Block.Paragraph.of(method()))));
    sections.add(new Section("Where the numbers come from", RunBlocks.provenance(provenance)));
    return new Report(
        "Conformance",
        "Do these compute Gemma, in every cache mode? " + ran() + ".",
        answer(),
        "conformance, %d probes, Gemlab %s"
            .formatted(outcome.expectations().size(), provenance.getGemlabVersion()),
        List.of(wrong()),
        sections);
  }

  /** In a sentence. */
  private String answer() {
    long refused =
        outcome.findings().stream()
            .filter(each -> each.outcome() instanceof Finding.Refused)
            .count();
    int failed = outcome.wrong().size();
    long passed = outcome.findings().size() - refused - failed;
    return failed == 0
        ? "Yes: all %d runs of these passed; %d more were refused.".formatted(passed, refused)
        : "No: %d runs of these failed, %d passed; %d more were refused."
            .formatted(failed, passed, refused);
  }

  /** What was asked for, so that an answer for a few is not read as one for all. */
  private String ran() {
    List<Configuration> configurations = outcome.asked().configurations();
    return "Paths %s; attention %s; types %s; probes %s"
        .formatted(
            listed(configurations.stream().map(one -> one.path().label())),
            listed(configurations.stream().map(one -> one.attention().label())),
            listed(configurations.stream().map(Configuration::type)),
            listed(outcome.asked().probes().stream().map(Probe::label)));
  }

  private static String listed(Stream<String> labels) {
    return labels.distinct().collect(Collectors.joining(", "));
  }

  private Block wrong() {
    if (outcome.wrong().isEmpty()) return Block.Paragraph.of("Nothing was silently dropped.");
    return new Notice(
        Notice.Kind.WARNING,
        Block.Paragraph.of(
            String.join("; ", outcome.wrong().stream().map(Finding::described).toList())));
  }

  private Block findings(Expectation expectation) {
    List<List<Cell>> rows =
        outcome.findings().stream()
            .filter(each -> each.probe() == expectation.probe())
            .filter(each -> !(each.outcome() instanceof Finding.Refused))
            .map(ConformanceReport::row)
            .toList();
    return new Block.Table(
        "Logits against the float64 reference; a runtime that conforms shows %s."
            .formatted(expectation.probe().shows()),
        List.of(
            Column.text("path"),
            Column.text("attention"),
            Column.text("type"),
            Column.text("tokens come as"),
            Column.text("Gemlab kernels"),
            Column.number(Quantity.of("cosine")),
            Column.number(Quantity.of("largest difference")),
            Column.text("logits show"),
            Column.text("verdict")),
        rows);
  }

  private static List<Cell> row(Finding finding) {
    Configuration configuration = finding.configuration();
    List<Cell> cells =
        new ArrayList<>(
            List.of(
                Cell.text(configuration.path().label()),
                Cell.text(configuration.attention().label()),
                Cell.text(configuration.type()),
                Cell.text(finding.cache().label()),
                finding
                    .kernels()
                    .map(use -> Cell.text(use.counted()))
                    .orElseGet(() -> Cell.missing("failed"))));
    if (finding.outcome() instanceof Finding.Judged judged) {
      cells.add(Cell.number(judged.judgement().cosine()));
      cells.add(Cell.number(judged.judgement().largestDifference()));
    } else {
      cells.add(Cell.missing("failed"));
      cells.add(Cell.missing("failed"));
    }
    cells.add(Cell.text(finding.words()));
    cells.add(Cell.text(finding.isWrong() ? "failed" : "passed"));
    return cells;
  }

  private Block mistakes() {
    List<Column> columns = new ArrayList<>(List.of(Column.text("a runtime with")));
    for (Expectation each : outcome.expectations()) {
      columns.add(Column.number(Quantity.of(each.probe().label())));
    }
    List<List<Cell>> rows = new ArrayList<>();
    for (Behaviour behaviour : Behaviour.values()) {
      if (behaviour == Behaviour.CONFORMS) continue;
      List<Cell> row = new ArrayList<>(List.of(Cell.text(behaviour.words())));
      for (Expectation each : outcome.expectations()) {
        row.add(Cell.number(each.cosine(Behaviour.CONFORMS, behaviour)));
      }
      rows.add(row);
    }
    return new Block.Table(
        "The cosine between the right logits and those of a mistake, for each probe; what lies"
            + " below %s can't be taken for right.".formatted(Numbers.exact(Expectation.ALIKE)),
        columns,
        rows);
  }

  private List<Block> refusals() {
    Set<String> reasons = new LinkedHashSet<>();
    outcome
        .findings()
        .forEach(
            each -> {
              if (each.outcome() instanceof Finding.Refused refused) reasons.add(refused.reason());
            });
    if (reasons.isEmpty()) return List.of(Block.Paragraph.of("Nothing was refused."));
    return List.of(new Block.Bullets(reasons.stream().map(Block.Paragraph::of).toList()));
  }

  private Block kernels() {
    List<String> reasons = outcome.withoutKernels();
    if (reasons.isEmpty()) {
      return Block.Paragraph.of("They computed every value that they could have.");
    }
    return new Block.Bullets(
        reasons.stream().map(reason -> Block.Paragraph.of("None: " + reason)).toList());
  }

  private String method() {
    return "Each probe is a model of two layers with constructed weights, which every format holds"
        + " exactly, and two rows of tokens, padded on the left. The reference is Gemma 2 in"
        + " float64 and plain Java. The cosine is between all logits of all tokens, padding left"
        + " out. A run passes if its logits are nearer to the right ones than to those of any"
        + " mistake, with a cosine of at least %s, and in float32 within %s of them. sdpa attention"
        + " has no softcap and says so: it passes if it dropped the attention's cap and nothing"
        + " else. int8 and int4 are weights alone; they are computed with in bfloat16. Cache modes: %s."
            .formatted(
                Numbers.exact(Expectation.ALIKE),
                Numbers.exact(Judgement.FLOAT32_TOLERANCE),
                String.join(
                    "; ", Arrays.stream(CacheMode.values()).map(CacheMode::label).toList()));
  }
}
