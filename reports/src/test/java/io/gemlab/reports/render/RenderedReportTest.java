package io.gemlab.reports.render;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RenderedReportTest {
  /** Stays after the test, to be looked at in a browser. */
  private static final Path FOLDER = Path.of("target", "example-report");

  @Test
  void hasThreeForms() throws IOException {
    RenderedReport report = RenderedReport.of(ExampleReport.report());
    Files.createDirectories(FOLDER);
    Files.writeString(FOLDER.resolve("report.html"), report.html());
    assertTrue(report.html().startsWith("<!DOCTYPE html>"));
    assertTrue(report.markdown().startsWith("# Softcap"));
    assertTrue(report.json().startsWith("{"));
  }
}
