package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.LineChart;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Block.KeyValues.Entry;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.render.RunBlocks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The report of a training run, made of its recipe and its logs. */
final class TrainReport {
  private static final int EVENTS_SHOWN = 50;

  private final TrainFolder folder;
  private final String recipeText;
  private final TrainRecipe recipe;
  private final Provenance provenance;
  private final List<ObjectNode> steps;
  private final List<ObjectNode> evaluations;
  private final List<ObjectNode> events;

  private TrainReport(TrainFolder folder) {
    TrainRecipeFile file = TrainRecipeFile.read(folder.recipe(), List.of());
    this.folder = folder;
    this.recipeText = file.text();
    this.recipe = file.recipe();
    this.provenance = folder.provenance();
    this.steps = JsonLog.read(folder.metrics());
    this.evaluations = JsonLog.read(folder.evaluations());
    this.events = JsonLog.read(folder.events());
  }

  /**
   * Writes it; answers the HTML file.
   *
   * @throws InvalidInput if no step was taken yet
   */
  static Path write(TrainFolder folder) throws IOException {
    TrainReport report = new TrainReport(folder);
    if (report.steps.isEmpty()) {
      throw new InvalidInput(folder.out() + " has no step yet: give --resume to `gemlab train`");
    }
    return ReportWriter.write(folder.out(), report.report()).html();
  }

  private Report report() {
    List<Report.Section> sections = new ArrayList<>();
    sections.add(new Report.Section("Data and speed", List.of(facts())));
    sections.add(
        new Report.Section(
            "Steps",
            List.of(
                curve("Gradient norm before clipping", Metrics.GRADIENT_NORM, ""),
                curve("Learning rate", Metrics.LEARNING_RATE, ""),
                curve("Time of a step", Metrics.SECONDS, "s"),
                Block.Paragraph.of(
                    "Every step, with the SHA-256 of its batch's token ids, is a line of"
                        + " metrics.jsonl beside this report."))));
    if (!samples().isEmpty()) sections.add(new Report.Section("Samples", samples()));
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
                done(),
                recipe.steps(),
                recipe.path().path().label(),
                recipe.model().type(),
                provenance.getCpuModel(),
                provenance.getCores(),
                provenance.getGemlabVersion()),
        List.of(losses()),
        sections);
  }

  private int done() {
    return steps.getLast().path(JsonLog.STEP).asInt();
  }

  private List<String> findings() {
    List<String> findings = new ArrayList<>();
    firstAndLast()
        .ifPresent(
            points ->
                findings.add(
                    "The validation loss fell from %s to %s nats a token (perplexity %s) in %d steps."
                        .formatted(
                            Numbers.significant(points[0], 4),
                            Numbers.significant(points[1], 4),
                            Numbers.significant(Math.exp(points[1]), 4),
                            done())));
    findings.add(
        "Steps took %s s for %,d scored tokens, at the median step %s tokens/s; validation and samples, counted apart, %s s."
            .formatted(
                Numbers.significant(seconds(), 4),
                (long) tokens(),
                Numbers.significant(tokensPerSecond(), 4),
                Numbers.significant(
                    evaluations.stream()
                        .mapToDouble(line -> line.path(Evaluations.SECONDS).asDouble())
                        .sum(),
                    3)));
    if (done() < recipe.steps()) {
      findings.add("It was stopped after %d of %d steps.".formatted(done(), recipe.steps()));
    }
    return findings;
  }

  private Optional<double[]> firstAndLast() {
    if (evaluations.size() < 2) return Optional.empty();
    return Optional.of(
        new double[] {
          evaluations.getFirst().path(Evaluations.LOSS).asDouble(),
          evaluations.getLast().path(Evaluations.LOSS).asDouble()
        });
  }

  private double seconds() {
    return steps.stream().mapToDouble(line -> line.path(Metrics.SECONDS).asDouble()).sum();
  }

  /** Of the median step: a process's first has to compile. */
  private double tokensPerSecond() {
    double[] rates =
        steps.stream()
            .mapToDouble(
                line ->
                    line.path(Metrics.TOKENS).asDouble() / line.path(Metrics.SECONDS).asDouble())
            .sorted()
            .toArray();
    return rates[rates.length / 2];
  }

  private double tokens() {
    return steps.stream().mapToDouble(line -> line.path(Metrics.TOKENS).asDouble()).sum();
  }

  private Block losses() {
    List<LineChart.Series> series = new ArrayList<>();
    series.add(new LineChart.Series("training", points(steps, Metrics.LOSS)));
    if (!evaluations.isEmpty()) {
      series.add(new LineChart.Series("validation", points(evaluations, Evaluations.LOSS)));
    }
    return new Block.Figure(
        new LineChart(
            "Loss",
            Axis.linear(Quantity.of(JsonLog.STEP)),
            Axis.linear(new Quantity("loss", "nats a token")),
            series,
            List.of()),
        "Training: the mean over each step's scored tokens, before the step. Validation: the mean"
            + " over the same tokens each time.");
  }

  private Block curve(String title, String key, String unit) {
    return new Block.Figure(
        new LineChart(
            title,
            Axis.linear(Quantity.of(JsonLog.STEP)),
            Axis.linear(new Quantity(key.replace('_', ' '), unit)),
            List.of(new LineChart.Series(key.replace('_', ' '), points(steps, key))),
            List.of()),
        title + " of each step.");
  }

  private static List<LineChart.Point> points(List<ObjectNode> lines, String key) {
    return lines.stream()
        .map(line -> LineChart.Point.of(line.path(JsonLog.STEP).asInt(), line.path(key).asDouble()))
        .toList();
  }

  private Block facts() {
    List<Entry> facts = new ArrayList<>();
    long parameters =
        WeightSpec.of(recipe.model().config()).stream()
            .mapToLong(weight -> weight.shape().elements())
            .sum();
    facts.add(new Entry("Parameters", "%,d".formatted(parameters)));
    facts.add(new Entry("Scored tokens", "%,d".formatted((long) tokens())));
    facts.add(
        new Entry("Scored tokens a parameter", Numbers.significant(tokens() / parameters, 3)));
    facts.add(new Entry("Tokens a second, median step", Numbers.significant(tokensPerSecond(), 4)));
    facts.add(
        new Entry(
            "Last checkpoint",
            Checkpoints.newestFirst(folder.checkpoints()).stream()
                .findFirst()
                .map(path -> folder.out().relativize(path).toString())
                .orElse("none")));
    return new Block.KeyValues(facts);
  }

  private List<Block> samples() {
    List<Block> blocks = new ArrayList<>();
    for (ObjectNode line : evaluations) {
      for (JsonNode sample : line.path(Evaluations.SAMPLES)) {
        blocks.add(
            Block.Paragraph.of("After %d steps:".formatted(line.path(JsonLog.STEP).asInt())));
        blocks.add(
            new Block.Code(
                "",
                sample.path(Evaluations.PROMPT).asText() + sample.path(Evaluations.TEXT).asText()));
      }
    }
    return blocks;
  }

  private List<Block> happened() {
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
