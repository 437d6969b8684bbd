package io.gemlab.reports.render;

import io.gemlab.reports.render.Report.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A report as Markdown (GitHub's), for reading in a terminal, a pull request or a notebook. It
 * stands on its own: a figure becomes a table of its data, not a link to a picture that gets lost
 * when the text is copied into an issue.
 */
public final class MarkdownReport {
  private int figures;
  private int tables;

  private MarkdownReport() {}

  /** The text. */
  public static String of(Report report) {
    return new MarkdownReport().text(report);
  }

  private String text(Report report) {
    List<String> parts = new ArrayList<>();
    parts.add("# " + heading(report.title()));
    if (!report.byline().isBlank()) parts.add(escaped(report.byline()));
    parts.add("**Question.** " + escaped(report.question()));
    parts.add(answer(report.findings()));
    report.summary().forEach(block -> parts.add(block(block)));
    for (Section section : report.sections()) {
      parts.add("## " + heading(section.title()));
      section.blocks().forEach(block -> parts.add(block(block)));
    }
    return String.join("\n\n", parts) + "\n";
  }

  private static String answer(List<String> findings) {
    if (findings.size() == 1) return "**Answer.** " + escaped(findings.getFirst());
    return findings.stream()
        .map(finding -> "- " + start(escaped(finding)))
        .collect(Collectors.joining("\n", "**Answer.**\n\n", ""));
  }

  private String block(Block block) {
    return switch (block) {
      case Block.Paragraph paragraph -> start(spans(paragraph));
      case Block.Bullets bullets ->
          bullets.items().stream()
              .map(item -> "- " + start(spans(item)))
              .collect(Collectors.joining("\n"));
      case Block.Table table -> {
        tables++;
        yield "**Table " + tables + ".** " + escaped(table.caption()) + "\n\n" + table(table);
      }
      case Block.Figure figure -> {
        figures++;
        Block.Table data = ChartTable.of(figure.chart());
        yield "**Figure "
            + figures
            + ".** "
            + escaped(figure.caption())
            + "\n\n"
            + table(data)
            + "\n\n*"
            + escaped(data.caption())
            + "*";
      }
      case Block.Code code -> fenced(code);
      case Block.Completion completion -> completion(completion);
      case Block.KeyValues facts ->
          facts.entries().stream()
              .map(entry -> "- **" + escaped(entry.key()) + "**: " + escaped(entry.value()))
              .collect(Collectors.joining("\n"));
      case Block.Notice notice -> "> **" + notice.kind().label() + ".** " + spans(notice.text());
    };
  }

  /** A quotation, line by line. */
  private static String completion(Block.Completion completion) {
    String prompt = escaped(completion.prompt()).strip();
    return (completion.prompt() + completion.text())
        .lines()
        .map(line -> "> " + start(escaped(line)))
        .collect(
            Collectors.joining(
                "  \n",
                escaped(completion.caption())
                    + (prompt.isEmpty() ? "" : ": **" + prompt + "**")
                    + "\n\n",
                ""));
  }

  private static String spans(Block.Paragraph paragraph) {
    return paragraph.spans().stream()
        .map(
            span ->
                switch (span) {
                  case Span.Plain plain -> escaped(plain.text());
                  case Span.Code code -> inlineCode(code.text());
                  case Span.Strong strong -> "**" + escaped(strong.text()) + "**";
                })
        .collect(Collectors.joining());
  }

  private static String table(Block.Table table) {
    List<String> lines = new ArrayList<>();
    List<CellText> texts = new ArrayList<>();
    List<String> headings = new ArrayList<>();
    for (int i = 0; i < table.columns().size(); i++) {
      List<Cell> cells = table.cells(i);
      texts.add(CellText.of(cells));
      String below = CellText.subheading(table.columns().get(i), cells);
      String name = table.columns().get(i).quantity().name();
      headings.add(cell(below.isEmpty() ? name : name + " (" + below + ")"));
    }
    lines.add(row(headings.stream()));
    lines.add(
        row(
            table.columns().stream()
                .map(column -> column.kind() == Column.Kind.TEXT ? ":--" : "--:")));
    for (List<Cell> cells : table.rows()) {
      List<String> row = new ArrayList<>();
      for (int i = 0; i < cells.size(); i++) row.add(cell(texts.get(i).text(cells.get(i))));
      lines.add(row(row.stream()));
    }
    return String.join("\n", lines);
  }

  private static String row(Stream<String> cells) {
    return cells.collect(Collectors.joining(" | ", "| ", " |"));
  }

  /** A fence longer than any run of backticks inside. */
  private static String fenced(Block.Code code) {
    String fence = "`".repeat(Math.max(3, longestRun(code.text()) + 1));
    return fence + code.language() + "\n" + code.text().stripTrailing() + "\n" + fence;
  }

  private static String inlineCode(String code) {
    String fence = "`".repeat(longestRun(code) + 1);
    String line = code.replaceAll("\\s+", " ");
    boolean padded = line.startsWith("`") || line.endsWith("`");
    return padded ? fence + " " + line + " " + fence : fence + line + fence;
  }

  private static int longestRun(String text) {
    return Stream.of(text.split("[^`]+")).mapToInt(String::length).max().orElse(0);
  }

  /** Text in which no character means anything to Markdown or HTML, on one line. */
  private static String escaped(String text) {
    return escaped(text, "[\\\\`*|~\\[\\]]");
  }

  /** As above, but for the brackets of an interval, which alone in a cell mean nothing. */
  private static String cell(String text) {
    return escaped(text, "[\\\\`*|~]|\\](?=[(:\\[])");
  }

  private static String escaped(String text, String special) {
    return text.replaceAll("\\s+", " ")
        .replaceAll(special, "\\\\$0")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        // Underscores emphasise only at the edges of words: snake_case stays readable.
        .replaceAll("(?<![\\p{L}\\p{N}])_|_(?![\\p{L}\\p{N}])", "\\\\_");
  }

  /** Signs at the end of a heading would be taken for its close. */
  private static String heading(String text) {
    return escaped(text).replaceFirst("(#+)$", "\\\\$1");
  }

  /** A line of text that begins like a heading, a quotation or a list, made not to be one. */
  private static String start(String line) {
    return line.replaceFirst("^(\\s*)([#>+=-])", "$1\\\\$2")
        .replaceFirst("^(\\s*\\d+)([.)])", "$1\\\\$2");
  }
}
