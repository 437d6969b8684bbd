package io.gemlab.experiments.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports of stored results: no plugin is there. */
final class CompileReportTest {
  private static final long GIB = 1L << 30;

  @TempDir private Path folder;

  @Test
  void whatFitsSaysByHowMuchAndHowFast() throws IOException {
    CompileReport report = of(StoredResults.of(StoredResults.compiled(2 * GIB)));
    assertTrue(report.allFit());
    assertTrue(
        report
            .answer()
            .startsWith(
                "small prefill fits: 2.00 GiB of the 15.7 GiB of a device, 13.7 GiB to spare; by"
                    + " the compiler's own cycles it takes "),
        report.answer());
    String text = written(report);
    for (String heading : List.of("## Memory", "## Time", "## Fusions", "## Compiler")) {
      assertTrue(text.contains(heading), heading);
    }
    assertTrue(text.contains("model/layers.#/mlp/"), "operations name where they come from");
    assertTrue(text.contains("cafe"), "fingerprint");
  }

  /**
   * What is not told apart of the peak is a row of its own, and what is no part of it stands below.
   */
  @Test
  void partsOfTheMemoryAddUpToThePeak() throws IOException {
    for (long peak : new long[] {2 * GIB, GIB / 64}) {
      String table =
          written(of(StoredResults.of(StoredResults.compiled(peak)))).split("Memory of one")[1];
      double sum = 0;
      double total = 0;
      for (String line : table.lines().skip(4).toList()) {
        String[] cells = line.split("\\|");
        if (cells[1].strip().equals("peak")) {
          total = Double.parseDouble(cells[2]);
          break;
        }
        sum += Double.parseDouble(cells[2].strip().replaceAll("×10⁻.", "e-9"));
      }
      assertEquals(total, sum, 0.01 * total, table);
      assertTrue(table.contains(peak < GIB ? "compiler (MiB)" : "compiler (GiB)"), table);
    }
  }

  @Test
  void partitionedProgramSaysWhatItsDevicesExchangeAndAlongWhichAxis() throws IOException {
    CompileReport report = of(StoredResults.meshed());
    String text = written(report);
    assertTrue(text.contains("## Collectives"), text);
    assertTrue(text.contains("| all-gather | fsdp | 16 | 16 |"), text);
    assertTrue(
        text.lines()
            .anyMatch(
                row ->
                    row.startsWith("| all-gather | fsdp | 2 | 2 | ")
                        && row.endsWith(" | model.layers.#.mlp.up_proj.weight |")),
        text);
    assertTrue(
        text.contains(
            "v5e:2x2 (4 chips, each one device of 15.75 GiB) as mesh data=2,fsdp=2,model=1"),
        text);
    assertTrue(report.answer().contains("communication not overlapped"), report.answer());
  }

  /** Weights are cut by fsdp alone: norms and scalars are whole on each. */
  @Test
  void planAndCompilerAgreeOnWhatADeviceHolds() {
    CaseResult result = StoredResults.meshed();
    CaseOutcome.Compiled compiled = (CaseOutcome.Compiled) result.outcome();
    assertEquals(
        compiled.optimized().parameterBytes(),
        result.compileCase().plan().parameterBytes(result.function(), result.exported()));
  }

  @Test
  void compiledProgramThatExceedsTheDeviceDoesNotFit() {
    CompileReport report = of(StoredResults.of(StoredResults.compiled(100 * GIB)));
    assertFalse(report.allFit());
    assertEquals(
        "small prefill does not fit: it needs 100 GiB of a device that has 15.7 GiB, 84.3 GiB too"
            + " much; estimated to fit with a device such as h200.",
        report.answer());
  }

  @Test
  void refusalForMemorySaysByHowMuchAndWhatWouldFit() throws IOException {
    OutOfMemory refusal =
        OutOfMemory.of("HLO temporaries (37.84G) exceeds available HBM (15.75G). HLO module: x.");
    CompileReport report = of(StoredResults.of(new CaseOutcome.TooLarge(refusal)));
    assertFalse(report.allFit());
    assertEquals(
        "small prefill does not fit: it needs 37.8 GiB of a device that has 15.8 GiB, 22.1 GiB too"
            + " much; estimated to fit with a device such as v5p or h100 or h200.",
        report.answer());
    assertTrue(written(report).contains("| weights | not reported |"));
  }

  @Test
  void brokenCompilerIsOneSentenceAndTheOthersAreReported() throws IOException {
    CompileReport report =
        of(
            StoredResults.of(StoredResults.compiled(GIB)),
            StoredResults.of(
                StoredResults.compileCase().withRows(2).named("batch 2"),
                new CaseOutcome.Failed("aborted (SIGABRT)")));
    assertFalse(report.allFit());
    assertTrue(
        report.answer().endsWith("batch 2 was not compiled: aborted (SIGABRT)."), report.answer());
    assertTrue(written(report).contains("## Costed difference: batch 2 against small prefill"));
  }

  @Test
  void droppedSoftcapIsAWarning() throws IOException {
    CompileCase sdpa = StoredResults.compileCase().with(Axis.ATTENTION, "sdpa");
    ModelVariant model = sdpa.model();
    ModelVariant deviating =
        new ModelVariant(
            model.published().withOps(new OpChoice(model.ops().attention(), true)),
            model.block(),
            model.softcap(),
            model.layers(),
            model.remat());
    CompileCase compileCase =
        new CompileCase(
            "small prefill",
            sdpa.program(),
            deviating,
            sdpa.rows(),
            sdpa.length(),
            sdpa.target(),
            sdpa.requestedMesh());
    String text = written(of(StoredResults.of(compileCase, StoredResults.compiled(GIB))));
    assertTrue(text.contains("softcap dropped"), text);
  }

  private static CompileReport of(CaseResult... results) {
    return new CompileReport(List.of(results), List.of());
  }

  private String written(CompileReport report) throws IOException {
    ReportWriter.Written written =
        ReportWriter.write(
            folder,
            report.report(Provenance.newBuilder().setGemlabVersion("0").setCommand("x").build()));
    assertTrue(Files.size(written.html()) > 0 && Files.size(written.json()) > 0);
    return Files.readString(written.markdown());
  }
}
