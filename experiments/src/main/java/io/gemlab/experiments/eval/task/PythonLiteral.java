package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.text.jinja.JinjaValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads values as Python writes them: {@code ast.literal_eval}, as far as data goes. */
final class PythonLiteral {
  private static final int DEEPEST = 100;

  private final String text;
  private int at;

  private PythonLiteral(String text) {
    this.text = text;
  }

  /** What a text that can't be read is told by. */
  private static final class NoLiteral extends Exception {
    private static final long serialVersionUID = 1L;

    NoLiteral() {
      super(null, null, false, false);
    }
  }

  /** The value that a text is; empty if it is none. */
  static Optional<Object> parse(String text) {
    PythonLiteral literal = new PythonLiteral(text);
    try {
      Object value = literal.value(DEEPEST);
      literal.skipSpace();
      return literal.at == text.length() ? Optional.of(value) : Optional.empty();
    } catch (NoLiteral e) {
      return Optional.empty();
    }
  }

  private Object value(int levels) throws NoLiteral {
    if (levels == 0) throw new NoLiteral();
    skipSpace();
    return switch (peek()) {
      case '[' -> elements(']', levels);
      case '(' -> elements(')', levels);
      case '{' -> dict(levels);
      case '\'', '"' -> strings();
      default -> word();
    };
  }

  private List<Object> elements(char end, int levels) throws NoLiteral {
    at++;
    List<Object> elements = new ArrayList<>();
    while (!taken(end)) {
      elements.add(value(levels - 1));
      if (!taken(',') && !isNext(end)) throw new NoLiteral();
    }
    return elements;
  }

  private Map<String, Object> dict(int levels) throws NoLiteral {
    at++;
    Map<String, Object> dict = new LinkedHashMap<>();
    while (!taken('}')) {
      Object key = value(levels - 1);
      if (!taken(':')) throw new NoLiteral();
      dict.put(String.valueOf(key), value(levels - 1));
      if (!taken(',') && !isNext('}')) throw new NoLiteral();
    }
    return dict;
  }

  /** A text in quotes, or several side by side. */
  private String strings() throws NoLiteral {
    StringBuilder joined = new StringBuilder();
    do {
      string(joined);
      skipSpace();
    } while (isNext('\'') || isNext('"'));
    return joined.toString();
  }

  private void string(StringBuilder into) throws NoLiteral {
    char quote = next();
    for (char c = next(); c != quote; c = next()) {
      if (c == '\n') throw new NoLiteral();
      if (c == '\\') escape(into);
      else into.append(c);
    }
  }

  private void escape(StringBuilder into) throws NoLiteral {
    char c = next();
    switch (c) {
      case 'n' -> into.append('\n');
      case 't' -> into.append('\t');
      case 'r' -> into.append('\r');
      case '\\', '\'', '"' -> into.append(c);
      case 'x' -> into.appendCodePoint(hex(2));
      case 'u' -> into.appendCodePoint(hex(4));
      case 'U' -> into.appendCodePoint(hex(8));
      default -> into.append('\\').append(c);
    }
  }

  private int hex(int digits) throws NoLiteral {
    if (at + digits > text.length()) throw new NoLiteral();
    String hex = text.substring(at, at + digits);
    at += digits;
    if (!hex.matches("[0-9a-fA-F]+")) throw new NoLiteral();
    long point = Long.parseLong(hex, 16);
    if (!Character.isValidCodePoint((int) point) || point > Character.MAX_CODE_POINT) {
      throw new NoLiteral();
    }
    return (int) point;
  }

  private Object word() throws NoLiteral {
    int start = at;
    while (at < text.length() && ",:]}) \n\t\r".indexOf(text.charAt(at)) < 0) at++;
    String word = text.substring(start, at);
    return switch (word) {
      case "True" -> true;
      case "False" -> false;
      case "None" -> JinjaValues.none();
      default -> {
        if (word.matches("[-+]?(0|[1-9][0-9]{0,17})")) yield Long.parseLong(word);
        if (word.matches("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?")) {
          yield Double.parseDouble(word);
        }
        throw new NoLiteral();
      }
    };
  }

  private char peek() throws NoLiteral {
    if (at >= text.length()) throw new NoLiteral();
    return text.charAt(at);
  }

  private char next() throws NoLiteral {
    char c = peek();
    at++;
    return c;
  }

  private boolean isNext(char c) {
    return at < text.length() && text.charAt(at) == c;
  }

  private boolean taken(char c) {
    skipSpace();
    if (!isNext(c)) return false;
    at++;
    skipSpace();
    return true;
  }

  private void skipSpace() {
    while (at < text.length() && " \n\t\r".indexOf(text.charAt(at)) >= 0) at++;
  }
}
