package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.run.Records;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Deviation;
import io.gemlab.reports.record.Series;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Pieces of run records that ablations alone write. */
final class AblationRecords {
  private AblationRecords() {}

  /** A name usable as a file name. */
  static String slug(String... parts) {
    return String.join("-", parts)
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^a-z0-9]+", "-")
        .replaceAll("^-|-$", "");
  }

  /** A curve over steps, in nats a token. */
  static Series curve(String name, List<Integer> steps, List<Float> losses) {
    Series.Builder series =
        Series.newBuilder().setName(name).setUnit("nats/token").setXName("step");
    IntStream.range(0, losses.size()).forEach(i -> series.addX(steps.get(i)).addY(losses.get(i)));
    return series.build();
  }

  /** What an arm drops, with permission. */
  static List<Deviation> deviations(AblationRecipe recipe, Arm arm) {
    return recipe.model(arm, Precision.FLOAT32).deviation().stream()
        .map(Records::deviation)
        .toList();
  }
}
