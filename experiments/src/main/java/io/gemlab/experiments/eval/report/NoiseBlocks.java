package io.gemlab.experiments.eval.report;

import io.gemlab.experiments.eval.metric.Metric;
import io.gemlab.experiments.eval.result.TaskNoise;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.statistics.items.CheckpointNoise;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** How much scores move among a run's checkpoints. */
record NoiseBlocks(List<TaskNoise> tasks) {

  /**
   * A sentence for a task.
   *
   * @param metric what the task is told by
   */
  List<String> sentence(String task, Metric metric) {
    return tasks.stream()
        .filter(each -> each.task().equals(task) && each.metric().equals(metric))
        .map(
            each ->
                "%s: %s of the run's last %d checkpoints is %s on average, and scatters by %s%s."
                    .formatted(
                        task,
                        metric.name(),
                        each.noise().checkpoints(),
                        Numbers.significant(each.noise().mean(), 3),
                        Numbers.significant(each.noise().deviation(), 2),
                        ratio(each.noise())))
        .toList();
  }

  private static String ratio(CheckpointNoise noise) {
    return noise.ratio().isPresent()
        ? "; the other model is %s times as far off"
            .formatted(Numbers.significant(noise.ratio().getAsDouble(), 2))
        : "";
  }

  Block table() {
    List<List<Cell>> rows = new ArrayList<>();
    for (TaskNoise each : tasks) {
      CheckpointNoise noise = each.noise();
      rows.add(
          List.of(
              Cell.text(each.task()),
              Cell.text(each.metric().name()),
              Cell.number(noise.mean()),
              Cell.number(noise.deviation()),
              finite(OptionalDouble.of(100 * noise.noise())),
              finite(noise.signal().stream().map(signal -> 100 * signal).findFirst()),
              finite(noise.ratio()),
              Cell.number(noise.checkpoints())));
    }
    return new Block.Table(
        "Signal and noise over the run's last checkpoints. Noise is the standard deviation of their"
            + " scores, signal how far --against's model lies from their mean, both as shares of the"
            + " mean: where signal is no larger than noise, which checkpoint was taken decides.",
        List.of(
            Column.text("task"),
            Column.text("metric"),
            Column.number(Quantity.of("mean")),
            Column.number(Quantity.of("standard deviation")),
            Column.number(new Quantity("noise", "%")),
            Column.number(new Quantity("signal", "%")),
            Column.number(Quantity.of("signal over noise")),
            Column.number(Quantity.of("checkpoints"))),
        rows);
  }

  private static Cell finite(OptionalDouble value) {
    return value.isPresent() && Double.isFinite(value.getAsDouble())
        ? Cell.number(value.getAsDouble())
        : Cell.missing("–");
  }
}
