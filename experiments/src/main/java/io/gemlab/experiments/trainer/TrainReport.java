package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.machine.MachineRates;
import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Block.KeyValues.Entry;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.render.RunBlocks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The report of a training run, made of its recipe and its logs. */
final class TrainReport {
  private static final int EVENTS_SHOWN = 50;
  private static final int EVALUATIONS_SHOWN = 6;

  private static final String BUSY =
      " The steps reached more than that: something else used the cores while it was measured, or"
          + " the model's products suit them better.";

  private final TrainFolder folder;
  private final String recipeText;
  private final TrainRecipe recipe;
  private final Provenance provenance;
  private final Optional<ProductRate> machine;
  private final RunLogs logs;

  private TrainReport(TrainFolder folder) {
    TrainRecipeFile file = TrainRecipeFile.read(folder.recipe(), List.of());
    this.folder = folder;
    this.recipeText = file.text();
    this.recipe = file.recipe();
    this.provenance = folder.provenance();
    this.machine = ProductRate.read(folder.machine(), recipe.model().precision());
    this.logs = RunLogs.of(folder);
  }

  /**
   * Writes it; answers the HTML file.
   *
   * @throws InvalidInput if no step was taken yet
   */
  static Path write(TrainFolder folder) throws IOException {
    TrainReport report = new TrainReport(folder);
    if (report.logs.steps().isEmpty()) {
      throw new InvalidInput(folder.out() + " has no step yet: give --resume to `gemlab train`");
    }
    WholeFile.write(folder.curves(), report.logs.csv().getBytes(StandardCharsets.UTF_8));
    return ReportWriter.write(folder.out(), report.report()).html();
  }

  private Report report() {
    StepFigures figures = new StepFigures(recipe.optimizer().maxGradNorm(), logs);
    List<Report.Section> sections = new ArrayList<>();
    sections.add(
        new Report.Section(
            "Data and speed", List.of(facts(figures), figures.speed(), conventions())));
    sections.add(new Report.Section("Steps", List.of(figures.norms(), figures.rates(), files())));
    recipe
        .distill()
        .ifPresent(spec -> sections.add(new DistillationSection(spec, logs.events()).section()));
    if (!logs.diagnostics().isEmpty()) {
      sections.add(new DiagnosticsSection(recipe.model().config(), logs.diagnostics()).section());
    }
    List<Block> samples = samples();
    if (!samples.isEmpty()) sections.add(new Report.Section("Samples", samples));
    sections.add(new Report.Section("What happened", happened()));
    sections.add(new Report.Section("Recipe", List.of(new Block.Code("yaml", recipeText))));
    sections.add(new Report.Section("Provenance", RunBlocks.provenance(provenance)));
    return new Report(
        "Training run: " + recipe.name(),
        "What did %s learn from %s in %d steps, and how fast?"
            .formatted(recipe.model().name(), recipe.data().corpus(), recipe.steps()),
        findings(),
        "%d of %d steps, %s path, %s, %s, %d cores, Gemlab %s"
            .formatted(
                logs.done(),
                recipe.steps(),
                recipe.path().path().label(),
                recipe.model().type(),
                provenance.getCpuModel(),
                provenance.getCores(),
                provenance.getGemlabVersion()),
        List.of(figures.losses()),
        sections);
  }

  private List<String> findings() {
    List<String> findings = new ArrayList<>();
    if (logs.evaluations().size() >= 2) findings.add(learnt());
    findings.add(
        "Steps took %s s for %,d scored tokens, at the median step %s tokens/s%s; validation and samples, counted apart, %s s."
            .formatted(
                Numbers.significant(logs.ofSteps(Metrics.SECONDS).sum(), 4),
                tokens(),
                Numbers.significant(logs.median(Metrics.TOKENS_PER_SECOND), 4),
                mfu().map(share -> " and an MFU of " + share).orElse(""),
                Numbers.significant(
                    logs.evaluations().stream()
                        .mapToDouble(line -> line.path(Evaluations.SECONDS).asDouble())
                        .sum(),
                    3)));
    if (logs.done() < recipe.steps()) {
      findings.add("It was stopped after %d of %d steps.".formatted(logs.done(), recipe.steps()));
    }
    return findings;
  }

  private String learnt() {
    double first = logs.evaluations().getFirst().path(Evaluations.LOSS).asDouble();
    double last = logs.evaluations().getLast().path(Evaluations.LOSS).asDouble();
    return "The validation loss %s from %s to %s nats a token (perplexity %s) in %d steps."
        .formatted(
            last < first ? "fell" : "rose",
            Numbers.significant(first, 4),
            Numbers.significant(last, 4),
            Numbers.significant(Math.exp(last), 4),
            logs.done());
  }

  private long tokens() {
    return (long) logs.ofSteps(Metrics.TOKENS).sum();
  }

  /** Of the median step, with its unit: a process's first has to compile. */
  private Optional<String> mfu() {
    double median = logs.median(Metrics.MFU);
    return Double.isNaN(median)
        ? Optional.empty()
        : Optional.of(Numbers.significant(100 * median, 3) + " %");
  }

  private Block facts(StepFigures figures) {
    List<Entry> facts = new ArrayList<>();
    long parameters = WeightSpec.parameters(recipe.model().config());
    facts.add(new Entry("Parameters", "%,d".formatted(parameters)));
    facts.add(new Entry("Scored tokens", "%,d".formatted(tokens())));
    facts.add(
        new Entry(
            "Scored tokens a parameter", Numbers.significant((double) tokens() / parameters, 3)));
    facts.add(
        new Entry(
            "Scored tokens a second, median step",
            Numbers.significant(logs.median(Metrics.TOKENS_PER_SECOND), 4)));
    facts.add(new Entry("MFU, median step", mfu().orElse("not known, see below")));
    facts.add(new Entry("Clipped steps", figures.clipped()));
    double unchanged = logs.median(Metrics.UNCHANGED);
    if (!Double.isNaN(unchanged)) {
      facts.add(
          new Entry(
              "Weights that a step left unchanged, median step",
              Numbers.significant(100 * unchanged, 3) + " %"));
    }
    facts.add(
        new Entry(
            "Last checkpoint",
            Checkpoints.newestFirst(folder.checkpoints()).stream()
                .findFirst()
                .map(path -> folder.out().relativize(path).toString())
                .orElse("none")));
    return new Block.KeyValues(facts);
  }

  /** What FLOPs and MFU are. */
  private Block conventions() {
    String flops =
        "The model's FLOP of a step are those that the architecture asks for, forward and backward,"
            + " two for each multiply-add, of attention only the pairs of positions that can see"
            + " each other, of padding none"
            + (recipe.adapter().isPresent()
                ? "; frozen weights have no gradient, so that theirs are two thirds."
                : ".");
    String share =
        machine
            .map(
                rate ->
                    " MFU is these over the step's time, over what this machine's cores reach in a"
                        + " product of two %s matrices of %d rows: %s GFLOP/s, measured once, before the first step."
                            .formatted(
                                rate.precision().label(),
                                MachineRates.PRODUCT_SIZE,
                                Numbers.significant(rate.flops() / 1e9, 3))
                        + (logs.median(Metrics.MFU) > 1 ? BUSY : ""))
            .orElse(
                " MFU is a share of what this machine's cores reach in products of matrices, and the"
                    + " run was on a device: divide model_flops of metrics.jsonl by seconds and by"
                    + " the device's peak.");
    return Block.Paragraph.of(flops + share);
  }

  private static Block files() {
    return Block.Paragraph.of(
        "Every step, with the SHA-256 of its batch's token ids, is a line of metrics.jsonl beside"
            + " this report; every curve is in curves.csv.");
  }

  /** From some of the evaluations, evenly spaced, the first and the last among them. */
  private List<Block> samples() {
    List<ObjectNode> all =
        logs.evaluations().stream()
            .filter(line -> !line.path(Evaluations.SAMPLES).isEmpty())
            .toList();
    int count = Math.min(EVALUATIONS_SHOWN, all.size());
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ObjectNode line = all.get(count == 1 ? 0 : (int) ((long) i * (all.size() - 1) / (count - 1)));
      int steps = line.path(JsonLog.STEP).asInt();
      for (JsonNode sample : line.path(Evaluations.SAMPLES)) {
        blocks.add(
            new Block.Completion(
                steps == 0 ? "Before the first step" : "After %,d steps".formatted(steps),
                sample.path(Evaluations.PROMPT).asText(),
                sample.path(Evaluations.TEXT).asText()));
      }
    }
    if (count < all.size()) {
      blocks.add(
          Block.Paragraph.of(
              "%d of %d evaluations; the samples of all are in evaluations.jsonl."
                  .formatted(count, all.size())));
    }
    return blocks;
  }

  private List<Block> happened() {
    List<ObjectNode> events = logs.events();
    if (events.isEmpty()) {
      return List.of(
          Block.Paragraph.of("Nothing but steps: no spike, no interruption, no damage."));
    }
    List<ObjectNode> shown =
        events.subList(Math.max(0, events.size() - EVENTS_SHOWN), events.size());
    return List.of(
        new Block.Table(
            events.size() > shown.size()
                ? "The last %d of %d; all are in events.jsonl."
                    .formatted(shown.size(), events.size())
                : "All that happened besides the steps.",
            List.of(
                Column.number(Quantity.of(JsonLog.STEP)),
                Column.text("event"),
                Column.text("what")),
            shown.stream()
                .map(
                    line ->
                        List.of(
                            Cell.number(line.path(JsonLog.STEP).asInt()),
                            Cell.text(line.path(RunEvents.KIND).asText()),
                            Cell.text(line.path(RunEvents.TEXT).asText())))
                .toList()));
  }
}
