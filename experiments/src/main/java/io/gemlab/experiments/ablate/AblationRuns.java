package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Factor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The runs that an ablation records, by kind. */
record AblationRuns(AblationRecipe recipe) {
  static final String TRAINING = "training";
  static final String TIMING = "timing";
  static final String AGREEMENT = "agreement";

  Run training(Arm arm, long seed) {
    return run(TRAINING, arm, seed, Factors.ofTraining(recipe, arm), "seed-" + seed);
  }

  Run timing(Arm arm, ExecutionPath path, int length) {
    return run(
        TIMING,
        arm,
        0,
        List.of(Records.path(path), Records.length(length)),
        path.label(),
        Integer.toString(length));
  }

  Run agreement(Arm arm, ExecutionPath path, Precision precision) {
    return run(
        AGREEMENT,
        arm,
        0,
        List.of(Records.path(path), Records.dtype(precision)),
        path.label(),
        precision.label());
  }

  private Run run(String kind, Arm arm, long seed, List<Factor> more, String... name) {
    List<String> id = new ArrayList<>(List.of(kind, arm.name()));
    id.addAll(List.of(name));
    List<Factor> factors = new ArrayList<>(Factors.of(recipe, arm));
    factors.addAll(more);
    return new Run(
        slug(String.join("-", id)),
        kind,
        arm.name(),
        seed,
        factors,
        arm.model().model().deviation().stream().map(Records::deviation).toList());
  }

  /** A name usable as a file name. */
  static String slug(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
  }
}
