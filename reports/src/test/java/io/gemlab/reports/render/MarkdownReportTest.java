package io.gemlab.reports.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.Hostile;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.BarChart;
import io.gemlab.reports.chart.Value;
import java.util.List;
import java.util.Random;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.commonmark.renderer.text.LineBreakRendering;
import org.commonmark.renderer.text.TextContentRenderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkdownReportTest {
  private static final List<org.commonmark.Extension> TABLES = List.of(TablesExtension.create());

  @Test
  void writesEveryBlock() {
    Block.Table table =
        new Block.Table(
            "Times",
            List.of(Column.text("arm"), Column.number(new Quantity("time", "ms"))),
            List.of(
                List.of(Cell.text("eager"), Cell.number(12.5)),
                List.of(Cell.text("sdpa"), Cell.missing("refused"))));
    BarChart chart =
        new BarChart(
            "Memory",
            new Quantity("memory", "MiB"),
            List.of("eager"),
            List.of(new BarChart.Group("graph", List.of(Value.of(400)))));
    Report report =
        new Report(
            "Title",
            "Why?",
            "Because.",
            "here, now",
            List.of(Block.Paragraph.of(new Span.Plain("Set "), new Span.Code("qk_norm"))),
            List.of(
                new Report.Section(
                    "Results",
                    List.of(
                        table,
                        new Block.Figure(chart, "Peak memory."),
                        new Block.Bullets(
                            List.of(Block.Paragraph.of("one"), Block.Paragraph.of("two"))),
                        new Block.Notice(
                            Block.Notice.Kind.WARNING, Block.Paragraph.of("Few seeds.")),
                        new Block.KeyValues(List.of(new Block.KeyValues.Entry("Java", "25"))),
                        new Block.Completion("After 4 steps", "ROMEO:", " Ay\n- *me*\n"),
                        new Block.Code("yaml", "seeds: [1]\n")))));
    assertEquals(
        """
        # Title

        here, now

        **Question.** Why?

        **Answer.** Because.

        Set `qk_norm`

        ## Results

        **Table 1.** Times

        | arm | time (ms) |
        | :-- | --: |
        | eager | 12.5 |
        | sdpa | refused |

        **Figure 1.** Peak memory.

        | group | eager (MiB) |
        | :-- | --: |
        | graph | 400 |

        *memory (MiB)*

        - one
        - two

        > **Warning.** Few seeds.

        - **Java**: 25

        After 4 steps: **ROMEO:**

        > ROMEO: Ay \s
        > \\- \\*me\\*

        ```yaml
        seeds: [1]
        ```
        """,
        MarkdownReport.of(report));
  }

  /** What a Markdown reader understands is what was written, whatever its characters. */
  @Test
  void textReadsBackAsItself() {
    Random random = new Random(10);
    for (int trial = 0; trial < 500; trial++) {
      String text = "zq" + Hostile.name(random) + " " + Hostile.name(random);
      Report report =
          new Report("t", "q", "a", "", List.of(Block.Paragraph.of(text), table(text)), List.of());
      String expected = text.replaceAll("\\s+", " ").replace("\u0000", "\uFFFD").strip();
      String read = readable(MarkdownReport.of(report));
      assertEquals(2, occurrences(read, expected), read + "\n---\n" + expected);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "# not a heading #",
        "> not a quotation",
        "- no list",
        "+ no list",
        "1. no list",
        "12) no list",
        "=====",
        "-----",
        "    no code",
        "```",
        "| no | table |",
        "[no]: /link"
      })
  void linesThatLookLikeStructureAreText(String text) {
    Block.Bullets bullets = new Block.Bullets(List.of(Block.Paragraph.of(text)));
    Report report =
        new Report(
            text,
            "q",
            "a",
            "",
            List.of(Block.Paragraph.of("before"), Block.Paragraph.of(text), bullets),
            List.of(new Report.Section(text, List.of())));
    String read = readable(MarkdownReport.of(report));
    assertEquals(4, occurrences(read, text.strip()), read);
  }

  @Test
  void nothingHostileGetsThrough() {
    Random random = new Random(11);
    for (int trial = 0; trial < 50; trial++) {
      String markdown = MarkdownReport.of(HostileReport.of(random));
      String html = HtmlRenderer.builder().extensions(TABLES).build().render(parse(markdown));
      assertFalse(html.contains("<script"), html);
      assertFalse(html.contains("href="), html);
      assertFalse(html.contains("<img"), html);
      // Four in each of the four lists of blocks: a table and the data of three figures.
      assertEquals(16, occurrences(html, "<table>"));
    }
  }

  @Test
  void theExampleIsRead() {
    String read = readable(MarkdownReport.of(ExampleReport.report()));
    assertTrue(read.contains("attn_logit_softcapping"), read);
    assertTrue(read.contains("12 of 400 points; report.json has all"), read);
  }

  private static Block.Table table(String text) {
    return new Block.Table(
        "caption", List.of(Column.text("heading")), List.of(List.of(Cell.text(text))));
  }

  private static String readable(String markdown) {
    return TextContentRenderer.builder()
        .extensions(TABLES)
        .lineBreakRendering(LineBreakRendering.COMPACT)
        .build()
        .render(parse(markdown));
  }

  private static Node parse(String markdown) {
    return Parser.builder().extensions(TABLES).build().parse(markdown);
  }

  private static int occurrences(String text, String part) {
    int count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) count++;
    return count;
  }
}
