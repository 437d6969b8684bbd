package io.gemlab.reports.render;

import static io.gemlab.reports.Markup.element;

import io.gemlab.reports.Markup;
import io.gemlab.reports.Markup.Element;
import io.gemlab.reports.chart.ChartStyle;
import io.gemlab.reports.chart.Layout;
import io.gemlab.reports.render.Report.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A report as one HTML page that needs nothing else: style and charts are inside, and its content
 * security policy forbids scripts and the network. Each chart is there in every {@link Layout}, of
 * which the style sheet shows the one that fits the screen. The page is well-formed XML too.
 */
public final class HtmlReport {
  /** What the page may load: nothing. Its own styles apply. */
  private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'";

  /** Ids of ours have an underscore, which those made from headings never have. */
  private static final String CONTENTS = "_contents";

  private final Report report;
  private final Anchors anchors = new Anchors();
  private int figures;
  private int tables;

  private HtmlReport(Report report) {
    this.report = report;
  }

  /** The page. */
  public static String of(Report report) {
    return "<!DOCTYPE html>\n" + new HtmlReport(report).page().render() + "\n";
  }

  private Element page() {
    List<String> names =
        report.sections().stream().map(section -> anchors.of(section.title())).toList();
    List<Markup> main = new ArrayList<>();
    main.add(header());
    main.addAll(report.summary().stream().map(this::block).toList());
    main.add(contents(names));
    for (int i = 0; i < names.size(); i++)
      main.add(section(report.sections().get(i), names.get(i)));
    return element("html")
        .with("lang", "en")
        .add(head(), element("body").add(element("main").add(main)));
  }

  private Element head() {
    return element("head")
        .add(
            element("meta").with("charset", "utf-8"),
            element("meta")
                .with("name", "viewport")
                .with("content", "width=device-width, initial-scale=1"),
            element("meta").with("http-equiv", "Content-Security-Policy").with("content", POLICY),
            element("meta").with("name", "color-scheme").with("content", "light dark"),
            element("title").text(report.title()),
            element("style")
                .add(Markup.Verbatim.resource(HtmlReport.class, "report.css"), ChartStyle.css()));
  }

  private Element header() {
    return element("header")
        .add(
            element("h1").text(report.title()),
            element("p").with("class", "byline").text(report.byline()),
            element("p").with("class", "question").text(report.question()),
            answer());
  }

  private Element answer() {
    if (report.findings().size() == 1) {
      return element("p").with("class", "answer").text(report.answer());
    }
    return element("ul")
        .with("class", "answer")
        .add(
            report.findings().stream()
                .map(finding -> element("li").text(finding))
                .toArray(Element[]::new));
  }

  private Element contents(List<String> names) {
    List<Element> items = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      items.add(
          element("li")
              .add(
                  element("a")
                      .with("href", "#" + names.get(i))
                      .text(report.sections().get(i).title())));
    }
    return element("nav")
        .with("aria-labelledby", CONTENTS)
        .add(element("h2").with("id", CONTENTS).text("Contents"), element("ol").add(items));
  }

  private Element section(Section section, String name) {
    return element("section")
        .with("aria-labelledby", name)
        .add(element("h2").with("id", name).text(section.title()))
        .add(section.blocks().stream().map(this::block).toList());
  }

  private Element block(Block block) {
    return switch (block) {
      case Block.Paragraph paragraph -> element("p").add(spans(paragraph));
      case Block.Bullets bullets ->
          element("ul")
              .add(bullets.items().stream().map(item -> element("li").add(spans(item))).toList());
      case Block.Table table -> numbered(table);
      case Block.Figure figure -> figure(figure);
      case Block.Code code -> element("pre").add(element("code").text(code.text()));
      case Block.Completion completion ->
          element("figure")
              .with("class", "completion")
              .add(
                  element("figcaption").text(completion.caption()),
                  element("blockquote")
                      .add(element("strong").text(completion.prompt()))
                      .text(completion.text()));
      case Block.KeyValues facts -> facts(facts);
      case Block.Notice notice ->
          element("div")
              .with("class", "notice " + notice.kind().label().toLowerCase(Locale.ROOT))
              .with("role", "note")
              .add(
                  element("p")
                      .add(element("strong").text(notice.kind().label() + ". "))
                      .add(spans(notice.text())));
    };
  }

  private static List<Markup> spans(Block.Paragraph paragraph) {
    return paragraph.spans().stream()
        .<Markup>map(
            span ->
                switch (span) {
                  case Span.Plain plain -> new Markup.Text(plain.text());
                  case Span.Code code -> element("code").text(code.text());
                  case Span.Strong strong -> element("strong").text(strong.text());
                })
        .toList();
  }

  private Element numbered(Block.Table table) {
    tables++;
    return element("figure")
        .with("class", "table")
        .add(caption("Table " + tables, table.caption()), HtmlTable.of(table));
  }

  private static Element caption(String number, String text) {
    return element("figcaption").add(element("b").text(number + ". ")).text(text);
  }

  private Element figure(Block.Figure figure) {
    figures++;
    String id = "figure_" + figures;
    Block.Table data = ChartTable.of(figure.chart());
    return element("figure")
        .with("class", "chart-figure")
        .with("id", id)
        .add(
            element("div").with("class", "wide").add(figure.chart().svg(id + "_wide", Layout.WIDE)),
            element("div")
                .with("class", "narrow")
                .add(figure.chart().svg(id + "_narrow", Layout.NARROW)),
            caption("Figure " + figures, figure.caption()),
            element("details")
                .add(element("summary").text("Data: " + data.caption()), HtmlTable.of(data)));
  }

  private static Element facts(Block.KeyValues facts) {
    List<Element> rows = new ArrayList<>();
    for (Block.KeyValues.Entry entry : facts.entries()) {
      rows.add(element("dt").text(entry.key()));
      rows.add(element("dd").text(entry.value()));
    }
    return element("dl").add(rows);
  }
}
