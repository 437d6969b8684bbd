package io.gemlab.experiments.ablate;

import com.google.protobuf.Timestamp;
import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.reports.record.Deviation;
import io.gemlab.reports.record.Execution;
import io.gemlab.reports.record.Factor;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.record.Outcome;
import io.gemlab.reports.record.Series;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.commons.statistics.descriptive.Median;

/** Pieces of run records. */
final class Records {
  private Records() {}

  /** A name usable as a file name. */
  static String slug(String... parts) {
    return String.join("-", parts)
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^a-z0-9]+", "-")
        .replaceAll("^-|-$", "");
  }

  static Timestamp now() {
    Instant now = Instant.now();
    return Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()).build();
  }

  static Factor factor(String name, String level) {
    return Factor.newBuilder().setName(name).setLevel(level).build();
  }

  /** The median of some times, all of them beside it. */
  static Measurement times(String name, List<Double> millis) {
    double[] samples = millis.stream().mapToDouble(Double::doubleValue).toArray();
    return measurement(
            name, "ms", Median.withDefaults().evaluate(samples), Measurement.Better.LOWER)
        .toBuilder()
        .addAllSamples(millis)
        .build();
  }

  static Measurement measurement(
      String name, String unit, double value, Measurement.Better better) {
    return Measurement.newBuilder()
        .setName(name)
        .setUnit(unit)
        .setValue(value)
        .setBetter(better)
        .build();
  }

  /** A curve over steps, in nats a token. */
  static Series curve(String name, List<Integer> steps, List<Float> losses) {
    Series.Builder series =
        Series.newBuilder().setName(name).setUnit("nats/token").setXName("step");
    IntStream.range(0, losses.size()).forEach(i -> series.addX(steps.get(i)).addY(losses.get(i)));
    return series.build();
  }

  static Execution execution(String asked, ExecutionReport report) {
    return Execution.newBuilder()
        .setPathAsked(asked)
        .setPathRan(report.path())
        .setXlaUsed(report.xlaUsed())
        .setXlaClusters(report.xlaClusters())
        .setNodesExecuted(report.executed())
        .setCompileSeconds(report.firstCall().toNanos() / 1e9)
        .addAllNotes(report.notes())
        .build();
  }

  static Outcome complete() {
    return Outcome.newBuilder().setStatus(Outcome.Status.COMPLETE).build();
  }

  static Outcome refused(String message) {
    return Outcome.newBuilder().setStatus(Outcome.Status.REFUSED).setMessage(message).build();
  }

  static Outcome failed(String message) {
    return Outcome.newBuilder()
        .setStatus(Outcome.Status.FAILED)
        .setMessage(message.isBlank() ? "it ended without a message" : message)
        .build();
  }

  /** What an arm drops, with permission. */
  static List<Deviation> deviations(AblationRecipe recipe, Arm arm) {
    return recipe
        .ops(arm)
        .deviation(recipe.modelConfig(arm).attention(0))
        .map(
            what ->
                Deviation.newBuilder()
                    .setSwitch(what.part())
                    .setAsked(what.asked())
                    .setRan(what.ran())
                    .setReason(what.reason())
                    .setRemedy("choose eager or blockwise attention, which have the cap")
                    .build())
        .stream()
        .toList();
  }
}
