package io.gemlab.experiments.ablate.report;

import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.run.Csv;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.record.Series;
import java.util.List;

/** Every curve of every run over its steps, one point a line. */
final class CurvesCsv {
  private CurvesCsv() {}

  static String of(List<RunView> runs) {
    Csv csv = new Csv("arm", "seed", "curve", "unit", "step", "value");
    for (RunView run : runs) {
      for (Series curve : run.record().getSeriesList()) {
        if (curve.getName().equals(Measures.LOSS_BY_POSITION.name())) continue;
        for (int i = 0; i < curve.getXCount(); i++) {
          csv.row(
              run.arm(),
              run.seed(),
              curve.getName(),
              curve.getUnit(),
              (long) curve.getX(i),
              curve.getY(i));
        }
      }
    }
    return csv.toString();
  }
}
