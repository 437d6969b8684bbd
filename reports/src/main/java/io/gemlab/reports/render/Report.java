package io.gemlab.reports.render;

import java.util.List;

/**
 * What an experiment found, before anyone decides how it looks.
 *
 * @param title of the report
 * @param question that the experiment asked, in one sentence
 * @param findings the answer that it gave: a sentence each, with its numbers, the weightiest first
 * @param byline what was run where and when, in one line
 * @param summary blocks before the first heading: what a reader in a hurry should see
 * @param sections everything else
 */
public record Report(
    String title,
    String question,
    List<String> findings,
    String byline,
    List<Block> summary,
    List<Section> sections) {
  public Report {
    findings = List.copyOf(findings);
    boolean unanswered = findings.isEmpty() || findings.stream().anyMatch(String::isBlank);
    if (title.isBlank() || question.isBlank() || unanswered) {
      throw new IllegalArgumentException(
          "report \"" + title + "\" lacks its title, question or answer; a report opens with them");
    }
    summary = List.copyOf(summary);
    sections = List.copyOf(sections);
  }

  /** A report with an answer of one sentence. */
  public Report(
      String title,
      String question,
      String answer,
      String byline,
      List<Block> summary,
      List<Section> sections) {
    this(title, question, List.of(answer), byline, summary, sections);
  }

  /** All findings, one after the other. */
  public String answer() {
    return String.join(" ", findings);
  }

  /**
   * A part of the report with a heading of its own.
   *
   * @param title the heading
   * @param blocks what stands under it
   */
  public record Section(String title, List<Block> blocks) {
    public Section {
      if (title.isBlank()) throw new IllegalArgumentException("a section has no title");
      blocks = List.copyOf(blocks);
    }
  }
}
