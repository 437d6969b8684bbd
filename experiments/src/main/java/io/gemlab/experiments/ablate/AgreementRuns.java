package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Agreement;
import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.RunStore.Run;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Measurement.Better;
import io.gemlab.reports.record.RunRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The logits of one set of weights, by every path and every arm that has these weights, against
 * those of the control on the first path. Where the control diverged there are none to compare.
 */
record AgreementRuns(AblationRecipe recipe, Path folder, RunStore store) {
  static final String DIFFERENCE = "largest logit difference";
  static final String KL = "mean KL divergence";
  static final String TOP_1 = "top-1 agreement";

  private static final String FUNCTION = "forward";

  void run(RunMonitor monitor, int units) {
    Agreement agreement = recipe.agreement().orElseThrow();
    Path weights = TrainingRuns.checkpoint(folder);
    if (recipe.training().isPresent() && !Files.exists(weights)) {
      int runs = recipe.arms().size() * agreement.paths().size() * agreement.dtypes().size();
      monitor.worked((long) runs * units);
      return;
    }
    try (AgreementInput input = AgreementInput.of(recipe, weights)) {
      float[][] reference = new float[1][];
      for (String dtype : agreement.dtypes()) {
        for (Arm arm : recipe.arms()) {
          for (String path : agreement.paths()) {
            Run run =
                new Run(
                    Run.AGREEMENT,
                    arm,
                    0,
                    List.of(Records.factor("path", path), Records.factor("dtype", dtype)));
            if (input.suits(arm) && !store.has(run)) {
              monitor.now("logits of %s, %s, %s".formatted(arm.name(), path, dtype));
              monitor.check();
              store.make(
                  run,
                  record -> {
                    if (reference[0] == null) reference[0] = reference(agreement, input);
                    compare(record, input, arm, path, dtype, reference[0]);
                  });
            }
            monitor.worked(units);
          }
        }
      }
    }
  }

  private float[] reference(Agreement agreement, AgreementInput input) {
    return logits(
        RunRecord.newBuilder(),
        input,
        recipe.control(),
        agreement.paths().getFirst(),
        agreement.dtypes().getFirst());
  }

  private void compare(
      RunRecord.Builder record,
      AgreementInput input,
      Arm arm,
      String path,
      String dtype,
      float[] reference) {
    float[] logits = logits(record, input, arm, path, dtype);
    LogitDifference difference =
        LogitDifference.of(reference, logits, recipe.modelConfig(arm).vocabSize());
    record
        .addMeasurements(Records.measurement(DIFFERENCE, "", difference.largest(), Better.LOWER))
        .addMeasurements(Records.measurement(KL, "nats/token", difference.meanKl(), Better.LOWER))
        .addMeasurements(Records.measurement(TOP_1, "", difference.top1Agreement(), Better.HIGHER));
  }

  private float[] logits(
      RunRecord.Builder record, AgreementInput input, Arm arm, String path, String dtype) {
    Precision precision = Choices.precision(dtype);
    Gemma2Model<?> model = recipe.model(arm, precision);
    TokenBatch batch = input.batch();
    GraphFunction forward =
        new ForwardPass<>(model, batch.rows(), batch.length())
            .trace(FUNCTION, ForwardPass.Returns.LOGITS_ONLY);
    try (Executable executable = Choices.path(path).load(List.of(forward))) {
      input.assign(model, executable, Tensors.elementType(precision.type()));
      try (Results results = executable.run(FUNCTION, batch.arguments())) {
        record.setExecution(Records.execution(path, executable.report(FUNCTION)));
        results.requireFinite();
        return results.get(ForwardPass.LOGITS).floats();
      }
    }
  }
}
