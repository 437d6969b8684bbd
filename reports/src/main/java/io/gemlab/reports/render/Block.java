package io.gemlab.reports.render;

import io.gemlab.reports.chart.Chart;
import java.util.List;

/** One thing that a report shows. */
public sealed interface Block {

  /** Running text. */
  record Paragraph(List<Span> spans) implements Block {
    public Paragraph {
      spans = List.copyOf(spans);
    }

    /** Text without emphasis. */
    public static Paragraph of(String text) {
      return new Paragraph(List.of(new Span.Plain(text)));
    }

    /** Text of several pieces. */
    public static Paragraph of(Span... spans) {
      return new Paragraph(List.of(spans));
    }
  }

  /** A list of points. */
  record Bullets(List<Paragraph> items) implements Block {
    public Bullets {
      items = List.copyOf(items);
    }
  }

  /**
   * A table.
   *
   * @param caption what it shows, in one sentence
   * @param columns from left to right, 1 or more
   * @param rows one cell a column, of the column's kind
   */
  record Table(String caption, List<Column> columns, List<List<Cell>> rows) implements Block {
    public Table {
      columns = List.copyOf(columns);
      rows = rows.stream().map(List::copyOf).toList();
      if (columns.isEmpty()) {
        throw new IllegalArgumentException("table \"" + caption + "\" has no columns");
      }
      for (int row = 0; row < rows.size(); row++) {
        if (rows.get(row).size() != columns.size()) {
          throw new IllegalArgumentException(
              "table \""
                  + caption
                  + "\": row "
                  + (row + 1)
                  + " has "
                  + rows.get(row).size()
                  + " cells for "
                  + columns.size()
                  + " columns; use Cell.missing for a cell that is not there");
        }
        for (int i = 0; i < columns.size(); i++) {
          if (columns.get(i).kind().holds(rows.get(row).get(i))) continue;
          throw new IllegalArgumentException(
              "table \""
                  + caption
                  + "\": "
                  + rows.get(row).get(i)
                  + " does not belong into the "
                  + columns.get(i).kind()
                  + " column "
                  + columns.get(i).quantity().label());
        }
      }
    }

    /** The cells of one column, from the top. */
    List<Cell> cells(int column) {
      return rows.stream().map(row -> row.get(column)).toList();
    }
  }

  /**
   * A chart.
   *
   * @param chart the data, and how it is drawn
   * @param caption what to see in it, in a sentence or two
   */
  record Figure(Chart chart, String caption) implements Block {}

  /**
   * Text that is shown as it is.
   *
   * @param language such as {@code yaml} or {@code sh}; empty for none
   * @param text lines of it
   */
  record Code(String language, String text) implements Block {
    public Code {
      if (!language.matches("[a-z0-9]*")) {
        throw new IllegalArgumentException(
            "language is \"" + language + "\"; use small letters and digits, such as yaml");
      }
    }
  }

  /**
   * Text that a model wrote, its lines as they are.
   *
   * @param caption where it comes from, in a few words
   * @param prompt what the model was given to go on with
   * @param text what it wrote
   */
  record Completion(String caption, String prompt, String text) implements Block {}

  /** Facts by name. */
  record KeyValues(List<Entry> entries) implements Block {
    public KeyValues {
      entries = List.copyOf(entries);
    }

    /** One fact. */
    public record Entry(String key, String value) {}
  }

  /**
   * Something that a reader must not miss.
   *
   * @param kind how much it matters
   * @param text what it is, and what to do about it
   */
  record Notice(Kind kind, Paragraph text) implements Block {
    /** How much a notice matters. */
    public enum Kind {
      /** Worth knowing. */
      INFO("Note"),
      /** Changes how the numbers are to be read. */
      WARNING("Warning"),
      /** Was asked for and not done. */
      REFUSAL("Refused");

      private final String label;

      Kind(String label) {
        this.label = label;
      }

      /** The word before the notice. */
      public String label() {
        return label;
      }
    }
  }
}
