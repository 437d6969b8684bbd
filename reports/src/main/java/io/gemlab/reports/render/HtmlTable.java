package io.gemlab.reports.render;

import static io.gemlab.reports.Markup.element;

import io.gemlab.reports.Markup;
import io.gemlab.reports.Markup.Element;
import java.util.ArrayList;
import java.util.List;

/** A table as HTML, in a box of its own in which it scrolls where it is too wide. */
final class HtmlTable {
  /** Row headings up to this length stay on one line. */
  private static final int ONE_LINE = 24;

  private HtmlTable() {}

  static Element of(Block.Table table) {
    return element("div")
        .with("class", "scroll")
        .with("role", "region")
        .with("aria-label", table.caption())
        .with("tabindex", "0")
        .add(table(table));
  }

  private static Element table(Block.Table table) {
    List<Element> headings = new ArrayList<>();
    List<CellText> texts = new ArrayList<>();
    for (int i = 0; i < table.columns().size(); i++) {
      List<Cell> cells = table.cells(i);
      texts.add(CellText.of(cells));
      headings.add(heading(table.columns().get(i), cells));
    }
    List<Element> rows = new ArrayList<>();
    for (List<Cell> cells : table.rows()) {
      List<Element> row = new ArrayList<>();
      for (int i = 0; i < cells.size(); i++) {
        boolean first = i == 0;
        row.add(cell(table.columns().get(i), first, cells.get(i), texts.get(i)));
      }
      rows.add(element("tr").add(row));
    }
    return element("table")
        .add(element("thead").add(element("tr").add(headings)), element("tbody").add(rows));
  }

  private static Element heading(Column column, List<Cell> cells) {
    Element heading = element("th").with("scope", "col").with("class", align(column));
    heading = heading.text(column.quantity().name());
    String below = CellText.subheading(column, cells);
    if (below.isEmpty()) return heading;
    return heading.add(new Markup.Text(" "), element("span").with("class", "unit").text(below));
  }

  private static Element cell(Column column, boolean first, Cell cell, CellText text) {
    boolean rowHeading = first && column.kind() == Column.Kind.TEXT;
    Element element = rowHeading ? element("th").with("scope", "row") : element("td");
    String words = text.text(cell);
    String style = align(column);
    if (cell instanceof Cell.Missing) style += " missing";
    if (rowHeading && words.length() <= ONE_LINE) style += " name";
    return element.with("class", style).text(words);
  }

  private static String align(Column column) {
    return column.kind() == Column.Kind.TEXT ? "text" : "number";
  }
}
