package io.gemlab.reports.render;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.BarChart;
import io.gemlab.reports.chart.Chart;
import io.gemlab.reports.chart.IntervalChart;
import io.gemlab.reports.chart.LineChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.render.Report.Section;
import io.gemlab.reports.statistics.Interval;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/**
 * A report as JSON, for scripts: every block with a {@code type}, every number as a number, also
 * the points of curves that a picture leaves out. Numbers that JSON lacks are the texts {@code
 * "NaN"}, {@code "Infinity"} and {@code "-Infinity"}, as in protobuf's JSON. What a table or chart
 * does not have is {@code {"missing": reason}}.
 */
public final class JsonReport {
  /** Raised when a reader of the previous form would misread the new one. */
  private static final int VERSION = 1;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonMapper MAPPER = new JsonMapper();

  private JsonReport() {}

  /** The JSON text. */
  public static String of(Report report) {
    ObjectNode root = NODES.objectNode();
    root.put("format", "gemlab-report");
    root.put("version", VERSION);
    root.put("title", report.title());
    root.put("question", report.question());
    root.put("answer", report.answer());
    report.findings().forEach(root.putArray("findings")::add);
    root.put("byline", report.byline());
    root.set("summary", blocks(report.summary()));
    ArrayNode sections = root.putArray("sections");
    for (Section section : report.sections()) {
      ObjectNode node = sections.addObject();
      node.put("title", section.title());
      node.set("blocks", blocks(section.blocks()));
    }
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    try {
      return MAPPER
              .writer(new DefaultPrettyPrinter().withObjectIndenter(lines))
              .writeValueAsString(root)
          + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("a tree of plain nodes can't be written", e);
    }
  }

  private static ArrayNode blocks(List<Block> blocks) {
    ArrayNode array = NODES.arrayNode();
    blocks.forEach(block -> array.add(block(block)));
    return array;
  }

  private static ObjectNode block(Block block) {
    return switch (block) {
      case Block.Paragraph paragraph -> typed("paragraph").put("text", text(paragraph));
      case Block.Bullets bullets -> {
        ObjectNode node = typed("bullets");
        ArrayNode items = node.putArray("items");
        bullets.items().forEach(item -> items.add(text(item)));
        yield node;
      }
      case Block.Table table -> table(table);
      case Block.Figure figure ->
          typed("figure").put("caption", figure.caption()).set("chart", chart(figure.chart()));
      case Block.Code code ->
          typed("code").put("language", code.language()).put("text", code.text());
      case Block.Completion completion ->
          typed("completion")
              .put("caption", completion.caption())
              .put("prompt", completion.prompt())
              .put("text", completion.text());
      case Block.KeyValues facts -> {
        ObjectNode node = typed("key_values");
        ArrayNode entries = node.putArray("entries");
        facts
            .entries()
            .forEach(
                entry -> entries.addObject().put("key", entry.key()).put("value", entry.value()));
        yield node;
      }
      case Block.Notice notice ->
          typed("notice").put("kind", name(notice.kind())).put("text", text(notice.text()));
    };
  }

  private static String text(Block.Paragraph paragraph) {
    StringBuilder text = new StringBuilder();
    paragraph.spans().forEach(span -> text.append(span.text()));
    return text.toString();
  }

  private static ObjectNode table(Block.Table table) {
    ObjectNode node = typed("table").put("caption", table.caption());
    ArrayNode columns = node.putArray("columns");
    for (Column column : table.columns()) {
      columns.add(quantity(column.quantity()).put("kind", name(column.kind())));
    }
    ArrayNode rows = node.putArray("rows");
    for (List<Cell> cells : table.rows()) {
      ArrayNode row = rows.addArray();
      for (Cell cell : cells) {
        switch (cell) {
          case Cell.Text text -> row.add(text.text());
          case Cell.Number number -> add(row, number.value());
          case Cell.Estimate estimate -> row.add(estimate(estimate.value(), estimate.interval()));
          case Cell.PValue p -> add(row, p.p());
          case Cell.Missing missing -> row.add(missing(missing.reason()));
        }
      }
    }
    return node;
  }

  private static ObjectNode chart(Chart chart) {
    return switch (chart) {
      case LineChart line -> line(line);
      case BarChart bar -> bar(bar);
      case IntervalChart interval -> interval(interval);
    };
  }

  private static ObjectNode line(LineChart chart) {
    ObjectNode node = typed("line").put("title", chart.title());
    node.set("x", axis(chart.x()));
    node.set("y", axis(chart.y()));
    ArrayNode series = node.putArray("series");
    chart.series().forEach(curve -> series.add(series(curve)));
    ArrayNode references = node.putArray("references");
    for (LineChart.Reference reference : chart.references()) {
      put(references.addObject().put("name", reference.name()), "y", reference.y());
    }
    return node;
  }

  /** A curve as columns: {@code low} and {@code high} only where it has a spread at all. */
  private static ObjectNode series(LineChart.Series series) {
    ObjectNode node = NODES.objectNode().put("name", series.name());
    ArrayNode x = node.putArray("x");
    ArrayNode y = node.putArray("y");
    for (LineChart.Point point : series.points()) {
      add(x, point.x());
      add(y, point.y());
    }
    if (series.points().stream().allMatch(point -> point.spread().isEmpty())) return node;
    ArrayNode low = node.putArray("low");
    ArrayNode high = node.putArray("high");
    for (LineChart.Point point : series.points()) {
      add(low, point.spread().map(Interval::low).orElse(Double.NaN));
      add(high, point.spread().map(Interval::high).orElse(Double.NaN));
    }
    return node;
  }

  private static ObjectNode bar(BarChart chart) {
    ObjectNode node = typed("bar").put("title", chart.title());
    node.set("axis", quantity(chart.axis()));
    ArrayNode series = node.putArray("series");
    chart.series().forEach(series::add);
    ArrayNode groups = node.putArray("groups");
    for (BarChart.Group group : chart.groups()) {
      ArrayNode bars = groups.addObject().put("name", group.name()).putArray("values");
      group.bars().forEach(bar -> bars.add(value(bar)));
    }
    return node;
  }

  private static ObjectNode interval(IntervalChart chart) {
    ObjectNode node = typed("interval").put("title", chart.title());
    node.set("axis", axis(chart.axis()));
    chart.noEffect().ifPresent(value -> put(node, "no_effect", value));
    chart.margin().ifPresent(margin -> put(node, "margin", margin.difference()));
    ArrayNode groups = node.putArray("groups");
    for (IntervalChart.Group group : chart.groups()) {
      ArrayNode rows = groups.addObject().put("heading", group.heading()).putArray("rows");
      for (IntervalChart.Row row : group.rows()) {
        rows.addObject().put("name", row.name()).set("effect", value(row.effect()));
      }
    }
    return node;
  }

  private static ObjectNode value(Value value) {
    return switch (value) {
      case Value.Measured measured ->
          measured
              .interval()
              .map(interval -> estimate(measured.number(), interval))
              .orElseGet(() -> put(NODES.objectNode(), "value", measured.number()));
      case Value.Missing missing -> missing(missing.reason());
    };
  }

  private static ObjectNode estimate(double value, Interval interval) {
    ObjectNode node = put(NODES.objectNode(), "value", value);
    put(node, "low", interval.low());
    put(node, "high", interval.high());
    return put(node, "confidence", interval.confidence().level());
  }

  private static ObjectNode missing(String reason) {
    return NODES.objectNode().put("missing", reason);
  }

  private static ObjectNode axis(Axis axis) {
    return quantity(axis.quantity()).put("spacing", name(axis.spacing()));
  }

  private static ObjectNode quantity(Quantity quantity) {
    return NODES.objectNode().put("name", quantity.name()).put("unit", quantity.unit());
  }

  private static ObjectNode typed(String type) {
    return NODES.objectNode().put("type", type);
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static ObjectNode put(ObjectNode node, String name, double value) {
    return Double.isFinite(value) ? node.put(name, value) : node.put(name, Double.toString(value));
  }

  private static void add(ArrayNode array, double value) {
    if (Double.isFinite(value)) array.add(value);
    else array.add(Double.toString(value));
  }
}
