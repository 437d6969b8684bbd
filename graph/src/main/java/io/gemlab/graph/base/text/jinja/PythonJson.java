package io.gemlab.graph.base.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code json.dumps(value, ensure_ascii=False)}: spaces after commas and colons. */
final class PythonJson {
  private static final int WIDEST_INDENT = 100;

  private PythonJson() {}

  /**
   * @param indent spaces a level; null or None for one line
   */
  static String text(Object value, Object indent) {
    StringBuilder json = new StringBuilder();
    boolean lines = indent != null && indent != Values.NONE;
    write(json, value, lines ? width(indent) : -1, 0);
    return json.toString();
  }

  private static int width(Object indent) {
    long width = Values.integer(indent);
    if (width < 0 || width > WIDEST_INDENT)
      throw TemplateFault.unsupported("an indent of " + width);
    return (int) width;
  }

  private static void write(StringBuilder json, Object value, int indent, int level) {
    Budget.requireShort(json.length());
    switch (value) {
      case String text -> quote(json, text);
      case Boolean truth -> json.append(truth);
      case Integer number -> json.append(number);
      case Long number -> json.append(number);
      case Map<?, ?> map -> {
        List<Runnable> entries = new ArrayList<>();
        map.forEach(
            (key, element) ->
                entries.add(
                    () -> {
                      quote(json, String.valueOf(key));
                      json.append(": ");
                      write(json, element, indent, level + 1);
                    }));
        block(json, '{', '}', entries, indent, level);
      }
      case List<?> list -> {
        List<Runnable> entries = new ArrayList<>();
        list.forEach(element -> entries.add(() -> write(json, element, indent, level + 1)));
        block(json, '[', ']', entries, indent, level);
      }
      case Object none when none == Values.NONE -> json.append("null");
      case null, default -> throw TemplateFault.unsupported("tojson of " + Values.kind(value));
    }
  }

  private static void block(
      StringBuilder json, char open, char close, List<Runnable> entries, int indent, int level) {
    json.append(open);
    for (int i = 0; i < entries.size(); i++) {
      if (i > 0) json.append(indent < 0 ? ", " : ",");
      if (indent >= 0) json.append('\n').repeat(" ", indent * (level + 1));
      entries.get(i).run();
    }
    if (indent >= 0 && !entries.isEmpty()) json.append('\n').repeat(" ", indent * level);
    json.append(close);
  }

  private static void quote(StringBuilder json, String text) {
    json.append('"');
    for (char c : text.toCharArray()) {
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        default -> {
          if (c < ' ') json.append(String.format("\\u%04x", (int) c));
          else json.append(c);
        }
      }
    }
    json.append('"');
  }
}
