package io.gemlab.reports.render;

import io.gemlab.reports.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Writes a report in its three forms. */
public final class ReportWriter {
  private ReportWriter() {}

  /**
   * The files of a report.
   *
   * @param html for reading
   * @param markdown for quoting
   * @param json for scripts
   */
  public record Written(Path html, Path markdown, Path json) {}

  /**
   * Writes {@code report.html}, {@code report.md} and {@code report.json} into a folder. All three
   * are made before the first is written, and each appears whole or not at all.
   *
   * @throws IOException if a file can't be written
   */
  public static Written write(Path folder, Report report) throws IOException {
    String html = HtmlReport.of(report);
    String markdown = MarkdownReport.of(report);
    String json = JsonReport.of(report);
    return new Written(
        write(folder.resolve("report.html"), html),
        write(folder.resolve("report.md"), markdown),
        write(folder.resolve("report.json"), json));
  }

  private static Path write(Path file, String text) throws IOException {
    WholeFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    return file;
  }
}
