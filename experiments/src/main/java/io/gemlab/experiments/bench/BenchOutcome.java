package io.gemlab.experiments.bench;

import io.gemlab.experiments.bench.CellResult.Measured;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import io.gemlab.reports.render.ReportWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a benchmark measured.
 *
 * @param plan what was asked
 * @param rates what the machine reaches
 * @param load how many threads were running on the machine just before, on average over a minute;
 *     below 0 where the system does not tell
 * @param results one a cell, in the plan's order
 * @param provenance where the numbers come from
 */
public record BenchOutcome(
    BenchPlan plan,
    MachineRates rates,
    double load,
    List<CellResult> results,
    Provenance provenance) {
  public BenchOutcome {
    results = List.copyOf(results);
  }

  /** What each cell leaves in {@code runs/}. */
  List<RunRecord> records() {
    BenchRecords records = new BenchRecords(plan, provenance);
    return results.stream().map(records::of).toList();
  }

  /** The cells of a program that ran. */
  List<Measured> measured(Program program) {
    return results.stream()
        .filter(Measured.class::isInstance)
        .map(Measured.class::cast)
        .filter(result -> result.cell().program() == program)
        .toList();
  }

  /** The cell in which a program was fastest. */
  Optional<Measured> fastest(Program program) {
    return measured(program).stream()
        .min(Comparator.comparingDouble(result -> result.time().median()));
  }

  /** Tokens a second. */
  double tokens(Measured result) {
    return plan.batch().positions() / result.time().median();
  }

  /** The fraction of the machine's matrix-product rate that a cell reached. */
  double fraction(Measured result) {
    return rates.fraction(plan.precision(), result.productFlops(), result.time().median());
  }

  /** Writes the records to {@code folder/runs} and the report beside them. */
  public ReportWriter.Written write(Path folder) {
    try {
      for (RunRecord record : records()) RunRecords.write(folder.resolve("runs"), record);
      return ReportWriter.write(folder, BenchReport.of(this));
    } catch (IOException e) {
      throw new UncheckedIOException("writing the report", e);
    }
  }
}
