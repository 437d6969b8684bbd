package io.gemlab.experiments.run;

import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.reports.record.SealedRecord;
import io.gemlab.reports.render.RenderedReport;
import io.gemlab.reports.render.Report;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Writes reports and records, each file whole or not at all. */
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
   * Writes {@code report.html}, {@code report.md} and {@code report.json} into a folder; all three
   * are made before the first is written.
   *
   * @throws IOException if a file can't be written
   */
  public static Written write(Path folder, Report report) throws IOException {
    RenderedReport rendered = RenderedReport.of(report);
    return new Written(
        write(folder.resolve("report.html"), rendered.html()),
        write(folder.resolve("report.md"), rendered.markdown()),
        write(folder.resolve("report.json"), rendered.json()));
  }

  /**
   * Writes a record; an earlier one of the same name is replaced.
   *
   * @return the file
   * @throws IOException if it can't be written
   */
  public static Path write(Path folder, SealedRecord record) throws IOException {
    Path file = folder.resolve(record.fileName());
    WholeFile.write(file, record.content());
    return file;
  }

  private static Path write(Path file, String text) throws IOException {
    WholeFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    return file;
  }
}
