package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.LineChart;
import io.gemlab.reports.chart.LineChart.Point;
import io.gemlab.reports.chart.LineChart.Reference;
import io.gemlab.reports.chart.LineChart.Series;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What the steps that were looked into say of stability.
 *
 * @param config of the model
 * @param lines at least one of {@code diagnostics.jsonl}
 */
record DiagnosticsSection(Gemma2Config config, List<ObjectNode> lines) {
  /** Steps whose layers are drawn: as many lines as can be told apart. */
  private static final int STEPS_SHOWN = 4;

  private static final String LAYER = "layer";
  private static final Quantity LOGIT = Quantity.of("largest attention logit");
  private static final Quantity PERCENT_NEAR = new Quantity("attention logits", "%");

  Report.Section section() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Block.Figure(
            new LineChart(
                "Largest attention logit of all layers",
                Axis.linear(Quantity.of(JsonLog.STEP)),
                Axis.linear(LOGIT),
                List.of(new Series("largest logit", overSteps(DiagnosticsSection::largest))),
                cap()),
            "The largest magnitude of an attention logit in any layer, before the cap, over the"
                + " first micro-batch of each step that was looked into. "
                + capInWords()));
    blocks.add(
        byLayer(
            "Largest attention logit by layer",
            LOGIT,
            Diagnostics.LARGEST,
            1,
            cap(),
            "The same layer by layer, the first layer being 0."));
    if (hasCap()) blocks.addAll(nearCap());
    if (lines.getFirst().has(Metrics.LOST)) blocks.add(lost());
    return new Report.Section("Stability", blocks);
  }

  private List<Block> nearCap() {
    double most =
        lines.stream().mapToDouble(line -> largest(line, Diagnostics.NEAR_CAP)).max().orElseThrow();
    if (most == 0) {
      return List.of(
          Block.Paragraph.of(
              "No attention logit of any layer came beyond 0.9 of the cap in a step that was looked"
                  + " into."));
    }
    return List.of(
        byLayer(
            "Attention logits beyond 0.9 of the cap by layer",
            PERCENT_NEAR,
            Diagnostics.NEAR_CAP,
            100,
            List.of(),
            "The share of attention logits beyond 0.9 of the cap, of the pairs of positions that"
                + " can see each other. Most in one step and layer: %s %%."
                    .formatted(Numbers.significant(100 * most, 3))));
  }

  private Block lost() {
    return new Block.Figure(
        new LineChart(
            "Updates that bfloat16 would lose",
            Axis.linear(Quantity.of(JsonLog.STEP)),
            Axis.linear(new Quantity("updates lost", "%")),
            List.of(
                new Series(
                    "lost in bfloat16",
                    overSteps(line -> 100 * line.path(Metrics.LOST).asDouble()))),
            List.of()),
        "The share of the weights that a step moved which would have stayed where they were if they"
            + " were stored in bfloat16 alone.");
  }

  /** A line a step over the layers, of steps evenly spaced over the run, the last among them. */
  private Block byLayer(
      String title,
      Quantity quantity,
      String key,
      double factor,
      List<Reference> references,
      String caption) {
    List<Series> series = new ArrayList<>();
    for (ObjectNode line : shown()) {
      JsonNode values = line.path(key);
      series.add(
          new Series(
              "step " + line.path(JsonLog.STEP).asInt(),
              IntStream.range(0, values.size())
                  .mapToObj(layer -> Point.of(layer, factor * values.get(layer).asDouble()))
                  .toList()));
    }
    return new Block.Figure(
        new LineChart(
            title, Axis.linear(Quantity.of(LAYER)), Axis.linear(quantity), series, references),
        caption);
  }

  private List<ObjectNode> shown() {
    int count = Math.min(STEPS_SHOWN, lines.size());
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> lines.get((int) ((long) i * lines.size() / count) - 1))
        .toList();
  }

  private List<Point> overSteps(ToDoubleFunction<ObjectNode> value) {
    return lines.stream()
        .map(line -> Point.of(line.path(JsonLog.STEP).asInt(), value.applyAsDouble(line)))
        .toList();
  }

  private static double largest(ObjectNode line) {
    return largest(line, Diagnostics.LARGEST);
  }

  private static double largest(ObjectNode line, String key) {
    double largest = 0;
    for (JsonNode layer : line.path(key)) largest = Math.max(largest, layer.asDouble());
    return largest;
  }

  private boolean hasCap() {
    return lines.getFirst().has(Diagnostics.NEAR_CAP);
  }

  private OptionalDouble capValue() {
    return config.attnLogitSoftcapping().cap();
  }

  /** Drawn where logits come near it; elsewhere it would press the curves to the ground. */
  private List<Reference> cap() {
    double most = lines.stream().mapToDouble(DiagnosticsSection::largest).max().orElseThrow();
    if (!hasCap() || 2 * most < capValue().getAsDouble()) return List.of();
    return List.of(new Reference("cap", capValue().getAsDouble()));
  }

  private String capInWords() {
    return hasCap()
        ? "The cap is %s.".formatted(Numbers.exact(capValue().getAsDouble()))
        : "There is no cap.";
  }
}
