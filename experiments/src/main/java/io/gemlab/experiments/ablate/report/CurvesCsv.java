package io.gemlab.experiments.ablate.report;

import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.record.Series;
import java.util.List;

/**
 * Every curve of every run over its steps, one point a line, for other tools: RFC 4180 with a
 * heading.
 */
final class CurvesCsv {
  private CurvesCsv() {}

  static String of(List<RunView> runs) {
    StringBuilder csv = new StringBuilder("arm,seed,curve,unit,step,value\r\n");
    for (RunView run : runs) {
      for (Series curve : run.record().getSeriesList()) {
        if (curve.getName().equals(Measures.LOSS_BY_POSITION.name())) continue;
        String begin =
            String.join(
                ",",
                quoted(run.arm()),
                Long.toString(run.seed()),
                quoted(curve.getName()),
                quoted(curve.getUnit()));
        for (int i = 0; i < curve.getXCount(); i++) {
          csv.append(begin)
              .append(',')
              .append((long) curve.getX(i))
              .append(',')
              .append(curve.getY(i))
              .append("\r\n");
        }
      }
    }
    return csv.toString();
  }

  /** Names may hold commas and quotes. */
  static String quoted(String text) {
    return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
