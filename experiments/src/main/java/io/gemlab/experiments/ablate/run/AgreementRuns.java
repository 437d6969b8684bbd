package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Agreement;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunStore;
import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.RunRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The logits of one set of weights, by every path and every arm that has these weights, against
 * those of the control on the first path. Where the control diverged there are none to compare.
 */
public record AgreementRuns(
    AblationRecipe recipe,
    Optional<TrainingText> text,
    Path folder,
    RunStore store,
    Products products) {
  public void run(RunMonitor monitor, int units) {
    Agreement agreement = recipe.agreement().orElseThrow();
    Path weights = TrainingRuns.checkpoint(folder);
    if (recipe.training().isPresent() && !Files.exists(weights)) {
      int runs = recipe.arms().size() * agreement.paths().size() * agreement.precisions().size();
      monitor.worked((long) runs * units);
      return;
    }
    AblationRuns runs = new AblationRuns(recipe);
    try (AgreementInput input = AgreementInput.of(recipe, text, weights)) {
      float[][] reference = new float[1][];
      for (Precision precision : agreement.precisions()) {
        for (Arm arm : recipe.arms()) {
          for (ExecutionPath path : agreement.paths()) {
            Run run = runs.agreement(arm, path, precision);
            if (runs.hasControlsWeights(arm) && !store.has(run)) {
              monitor.now(
                  "logits of %s, %s, %s".formatted(arm.name(), path.label(), precision.label()));
              monitor.check();
              store.make(
                  run,
                  record -> {
                    if (reference[0] == null) reference[0] = reference(agreement, input);
                    compare(record, input, arm, path, precision, reference[0]);
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
        agreement.precisions().getFirst());
  }

  private void compare(
      RunRecord.Builder record,
      AgreementInput input,
      Arm arm,
      ExecutionPath path,
      Precision precision,
      float[] reference) {
    float[] logits = logits(record, input, arm, path, precision);
    LogitDifference difference = LogitDifference.of(reference, logits, arm.config().vocabSize());
    record
        .addMeasurements(Measures.LOGIT_DIFFERENCE.of(difference.largest()))
        .addMeasurements(Measures.KL.of(difference.meanKl()))
        .addMeasurements(Measures.TOP_1.of(difference.top1Agreement()));
  }

  private float[] logits(
      RunRecord.Builder record,
      AgreementInput input,
      Arm arm,
      ExecutionPath path,
      Precision precision) {
    Gemma2Model<?> model = arm.in(precision);
    TokenBatch batch = input.batch();
    GraphFunction forward =
        ModelProgram.FORWARD.trace(model, new BatchShape(batch.rows(), batch.length()));
    try (Executable executable = path.withProducts(products).load(List.of(forward))) {
      input.assign(model, executable, Tensors.elementType(precision.type()));
      try (Results results = executable.run(forward.name(), batch.arguments())) {
        record.setExecution(Records.execution(path.label(), executable.report(forward.name())));
        results.requireFinite();
        return results.get(ForwardPass.LOGITS).floats();
      }
    }
  }
}
