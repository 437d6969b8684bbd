package io.gemlab.reports;

import java.util.Set;

/** Writes a {@link Markup} tree. */
final class MarkupWriter {
  /** Elements in which white space means nothing: their children go on lines of their own. */
  private static final Set<String> CONTAINERS =
      Set.of(
          "html", "head", "body", "main", "header", "footer", "section", "nav", "ul", "ol", "dl",
          "table", "thead", "tbody", "tr", "figure", "svg", "g", "div");

  private static final Set<String> VOID = Set.of("meta", "br", "wbr");

  private MarkupWriter() {}

  static void write(Markup markup, StringBuilder out) {
    switch (markup) {
      case Markup.Element element -> writeElement(element, out);
      case Markup.Text text -> out.append(Markup.escape(text.text()));
      case Markup.Verbatim verbatim -> out.append(verbatim.text());
    }
  }

  private static void writeElement(Markup.Element element, StringBuilder out) {
    out.append('<').append(element.name());
    for (Markup.Attribute attribute : element.attributes()) {
      out.append(' ').append(attribute.name()).append("=\"");
      out.append(Markup.escape(attribute.value())).append('"');
    }
    if (VOID.contains(element.name())) {
      out.append("/>");
      return;
    }
    out.append('>');
    boolean lines = CONTAINERS.contains(element.name()) && !element.children().isEmpty();
    for (Markup child : element.children()) {
      if (lines) out.append('\n');
      write(child, out);
    }
    if (lines) out.append('\n');
    out.append("</").append(element.name()).append('>');
  }

  static void escape(int character, StringBuilder out) {
    switch (character) {
      case '&' -> out.append("&amp;");
      case '<' -> out.append("&lt;");
      case '>' -> out.append("&gt;");
      case '"' -> out.append("&quot;");
      case '\'' -> out.append("&#39;");
      default -> out.appendCodePoint(allowed(character) ? character : 0xFFFD);
    }
  }

  /** The characters of XML 1.0, section 2.2. */
  private static boolean allowed(int character) {
    return character == '\t'
        || character == '\n'
        || character == '\r'
        || (character >= 0x20 && character <= 0xD7FF)
        || (character >= 0xE000 && character <= 0xFFFD)
        || character >= 0x10000;
  }
}
