package io.gemlab.experiments.ablate.report;

import io.gemlab.experiments.ablate.run.AblationRuns;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.recipe.Level;
import io.gemlab.experiments.run.Csv;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.record.Factor;

/** How every training run of a tuned study ended, a line each. */
final class TuningCsv {
  private TuningCsv() {}

  static String of(Findings findings) {
    Csv csv = new Csv("arm", "seeds", "learning_rate", "seed", "ended", "validation_loss", "why");
    for (RunView run : findings.runs(AblationRuns.TUNING)) {
      String rate =
          run.factors().stream()
              .filter(factor -> factor.getName().equals(RunView.TRIED))
              .map(Factor::getLevel)
              .findFirst()
              .orElseThrow();
      add(csv, run, "tuning", rate);
    }
    for (RunView run : findings.runs(AblationRuns.TRAINING)) {
      double rate = findings.recipe().arm(run.arm()).training().schedule().learningRate().peak();
      add(csv, run, "confirming", Level.of(rate));
    }
    return csv.toString();
  }

  private static void add(Csv csv, RunView run, String seeds, String rate) {
    String loss =
        run.measurement(Measures.VALIDATION_LOSS)
            .map(measured -> Double.toString(measured.getValue()))
            .orElse("");
    csv.row(
        run.arm(),
        seeds,
        rate,
        run.seed(),
        run.ended(),
        loss,
        run.record().getOutcome().getMessage());
  }
}
