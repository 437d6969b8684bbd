package io.gemlab.reports.render;

/**
 * A report in its three forms.
 *
 * @param html for reading; stands alone
 * @param markdown for quoting
 * @param json for scripts
 */
public record RenderedReport(String html, String markdown, String json) {
  /** Renders a report. */
  public static RenderedReport of(Report report) {
    return new RenderedReport(
        HtmlReport.of(report), MarkdownReport.of(report), JsonReport.of(report));
  }
}
