package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.run.Csv;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * What a run's logs hold, in the order of its steps.
 *
 * @param steps of {@code metrics.jsonl}
 * @param evaluations of {@code evaluations.jsonl}
 * @param diagnostics of {@code diagnostics.jsonl}
 * @param events of {@code events.jsonl}
 */
record RunLogs(
    List<ObjectNode> steps,
    List<ObjectNode> evaluations,
    List<ObjectNode> diagnostics,
    List<ObjectNode> events) {

  /** Reads them. */
  static RunLogs of(TrainFolder folder) {
    return new RunLogs(
        JsonLog.read(folder.metrics()),
        JsonLog.read(folder.evaluations()),
        JsonLog.read(folder.diagnostics()),
        JsonLog.read(folder.events()));
  }

  /** Steps done. */
  int done() {
    return steps.getLast().path(JsonLog.STEP).asInt();
  }

  /** A number of every step that has it. */
  DoubleStream ofSteps(String key) {
    return steps.stream()
        .map(line -> line.path(key))
        .filter(value -> value.isNumber())
        .mapToDouble(value -> value.asDouble());
  }

  /** Of the steps that have it; NaN where none has. */
  double median(String key) {
    double[] sorted = ofSteps(key).sorted().toArray();
    return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
  }

  /** Every curve of the run, one point a line. */
  String csv() {
    Csv csv = new Csv("curve", "unit", "step", "value");
    add(csv, steps, Curve.OF_STEPS);
    add(csv, evaluations, Curve.OF_EVALUATIONS);
    add(csv, diagnostics, Curve.OF_DIAGNOSTICS);
    return csv.toString();
  }

  private static void add(Csv csv, List<ObjectNode> lines, List<Curve> curves) {
    for (Curve curve : curves) {
      for (ObjectNode line : lines) {
        curve
            .of(line)
            .forEach(
                (tag, value) -> csv.row(tag, curve.unit(), line.path(JsonLog.STEP).asInt(), value));
      }
    }
  }
}
