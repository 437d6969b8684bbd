package io.gemlab.reports.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReportWriterTest {
  /** Stays after the test, to be looked at in a browser. */
  private static final Path FOLDER = Path.of("target", "example-report");

  @Test
  void writesThreeFilesAndNothingElse() throws IOException {
    ReportWriter.Written files = ReportWriter.write(FOLDER, ExampleReport.report());
    try (Stream<Path> listed = Files.list(FOLDER)) {
      assertEquals(
          List.of("report.html", "report.json", "report.md"),
          listed.map(file -> file.getFileName().toString()).sorted().toList());
    }
    assertTrue(Files.readString(files.html()).startsWith("<!DOCTYPE html>"));
    assertTrue(Files.readString(files.markdown()).startsWith("# Softcap"));
    assertTrue(Files.readString(files.json()).startsWith("{"));
  }
}
