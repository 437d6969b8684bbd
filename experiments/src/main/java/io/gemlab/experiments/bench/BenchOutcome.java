package io.gemlab.experiments.bench;

import io.gemlab.experiments.machine.MachineRates;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.program.Turns;
import io.gemlab.experiments.program.TurnsText;
import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.reports.record.Outcome;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a benchmark measured.
 *
 * @param plan what was asked
 * @param rates what the machine reaches
 * @param findings one a cell, in the plan's order
 * @param provenance where the numbers come from
 */
public record BenchOutcome(
    BenchPlan plan, MachineRates rates, List<CellFinding> findings, Provenance provenance) {
  public BenchOutcome {
    findings = List.copyOf(findings);
  }

  /** What each cell left. */
  List<RunRecord> records() {
    return findings.stream().map(finding -> finding.run().record()).toList();
  }

  /** Whether a cell broke; a refusal is a finding. */
  public boolean anyFailed() {
    return records().stream()
        .anyMatch(record -> record.getOutcome().getStatus() == Outcome.Status.FAILED);
  }

  /** The cells of a program that ran to their end. */
  List<CellFinding> complete(ModelProgram program) {
    return findings.stream()
        .filter(CellFinding::isComplete)
        .filter(finding -> finding.cell().program() == program)
        .toList();
  }

  /** The cell in which a program was fastest; a disturbed one only where all are. */
  Optional<CellFinding> fastest(ModelProgram program) {
    return complete(program).stream()
        .min(
            Comparator.comparing((CellFinding finding) -> finding.turns().disturbance().isPresent())
                .thenComparingDouble(finding -> finding.time().median()));
  }

  /** The turns of all cells. */
  TurnsText turns() {
    Map<String, Turns> turns = new LinkedHashMap<>();
    findings.forEach(finding -> turns.put(finding.cell().label(), finding.turns()));
    return new TurnsText(turns);
  }

  /** Tokens a second. */
  double tokens(CellFinding finding) {
    return plan.batch().positions() / (finding.time().median() / 1e3);
  }

  /** The fraction of the machine's matrix-product rate that a cell reached. */
  double fraction(CellFinding finding) {
    double seconds = finding.time().median() / 1e3;
    return rates.fraction(plan.model().precision(), finding.productFlops(), seconds);
  }

  /** Writes the records to {@code folder/runs} and the report beside them. */
  public ReportWriter.Written write(Path folder) {
    try {
      for (RunRecord record : records())
        ReportWriter.write(folder.resolve("runs"), RunRecords.seal(record));
      return ReportWriter.write(folder, BenchReport.of(this));
    } catch (IOException e) {
      throw new UncheckedIOException("writing the report", e);
    }
  }
}
