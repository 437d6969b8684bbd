package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.LineChart;
import io.gemlab.reports.render.Block;
import java.util.ArrayList;
import java.util.List;

/**
 * The curves of a run over its steps.
 *
 * @param maxGradNorm what gradients are clipped to
 * @param logs with a step or more
 */
record StepFigures(double maxGradNorm, RunLogs logs) {
  Block losses() {
    List<LineChart.Series> series = new ArrayList<>();
    series.add(new LineChart.Series("training", points(logs.steps(), Metrics.LOSS)));
    if (!logs.evaluations().isEmpty()) {
      series.add(new LineChart.Series("validation", points(logs.evaluations(), Evaluations.LOSS)));
    }
    return overSteps(
        "Loss",
        new Quantity("loss", "nats a token"),
        series,
        List.of(),
        "Training: the mean over each step's scored tokens, before the step. Validation: the mean"
            + " over the same tokens each time.");
  }

  Block speed() {
    return overSteps(
        "Speed",
        new Quantity("speed", "tokens/s"),
        List.of(
            new LineChart.Series("scored tokens", points(logs.steps(), Metrics.TOKENS_PER_SECOND))),
        List.of(),
        "Scored tokens a second of each step, from handing over its batch to having its loss; of"
            + " each process the first, and the first that was looked into, has to compile.");
  }

  Block norms() {
    return overSteps(
        "Gradient norm before clipping",
        Quantity.of("gradient norm"),
        List.of(new LineChart.Series("gradient norm", points(logs.steps(), Metrics.GRADIENT_NORM))),
        List.of(new LineChart.Reference("max_grad_norm", maxGradNorm)),
        "The global norm of each step's gradients. Where it is above max_grad_norm, %s, they are scaled down to it: %s of the steps."
            .formatted(Numbers.exact(maxGradNorm), clipped()));
  }

  Block rates() {
    return overSteps(
        "Learning rate",
        Quantity.of("learning rate"),
        List.of(new LineChart.Series("learning rate", points(logs.steps(), Metrics.LEARNING_RATE))),
        List.of(),
        "The learning rate of each step.");
  }

  private static Block overSteps(
      String title,
      Quantity quantity,
      List<LineChart.Series> series,
      List<LineChart.Reference> references,
      String caption) {
    return new Block.Figure(
        new LineChart(
            title,
            Axis.linear(Quantity.of(JsonLog.STEP)),
            Axis.linear(quantity),
            series,
            references),
        caption);
  }

  private static List<LineChart.Point> points(List<ObjectNode> lines, String key) {
    return lines.stream()
        .filter(line -> line.path(key).isNumber())
        .map(line -> LineChart.Point.of(line.path(JsonLog.STEP).asInt(), line.path(key).asDouble()))
        .toList();
  }

  /** The share of the steps whose gradients were scaled down. */
  String clipped() {
    double share =
        logs.ofSteps(Metrics.GRADIENT_NORM)
            .map(norm -> norm > maxGradNorm ? 100 : 0)
            .average()
            .orElse(0);
    return Numbers.significant(share, 3) + " %";
  }
}
