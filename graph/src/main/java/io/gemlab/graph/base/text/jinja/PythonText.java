package io.gemlab.graph.base.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Texts as Python treats them. */
public final class PythonText {
  private PythonText() {}

  /** As {@code str.isspace}: no-break spaces and U+0085 too. */
  public static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  /** As {@code str.strip()}, which Jinja2's {@code trim} is. */
  public static String strip(String text) {
    return lstrip(rstrip(text));
  }

  static String lstrip(String text) {
    int start = 0;
    while (start < text.length() && isSpace(text.charAt(start))) start++;
    return text.substring(start);
  }

  /** As {@code str.rstrip()}. */
  public static String rstrip(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) end--;
    return text.substring(0, end);
  }

  /** As {@code lstrip(characters)}. */
  static String lstrip(String text, String characters) {
    int start = 0;
    while (start < text.length() && characters.indexOf(text.charAt(start)) >= 0) start++;
    return text.substring(start);
  }

  /** As {@code rstrip(characters)}. */
  static String rstrip(String text, String characters) {
    int end = text.length();
    while (end > 0 && characters.indexOf(text.charAt(end - 1)) >= 0) end--;
    return text.substring(0, end);
  }

  /** As {@code str.isprintable} of a character. */
  static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> point == ' ';
      default -> true;
    };
  }

  /** The characters one by one, as a loop over a text gives them. */
  static List<Object> characters(String text) {
    List<Object> characters = new ArrayList<>();
    text.codePoints().forEach(point -> characters.add(Character.toString(point)));
    return characters;
  }

  /** As {@code str.capitalize}: the first character in title case, all others small. */
  public static String capitalize(String text) {
    if (text.isEmpty()) return text;
    int first = text.codePointAt(0);
    return Character.toString(Character.toTitleCase(first))
        + text.substring(Character.charCount(first)).toLowerCase(Locale.ROOT);
  }

  static boolean isBlank(String text) {
    return lstrip(text).isEmpty();
  }

  /** As {@code split(separator)}. */
  static List<Object> split(String text, String separator) {
    List<Object> parts = new ArrayList<>();
    int start = 0;
    for (int i = text.indexOf(separator); i >= 0; i = text.indexOf(separator, start)) {
      parts.add(text.substring(start, i));
      start = i + separator.length();
    }
    parts.add(text.substring(start));
    return parts;
  }

  /** As {@code split()}: at white space, without empty parts. */
  static List<Object> split(String text) {
    List<Object> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (char c : text.toCharArray()) {
      if (!isSpace(c)) {
        part.append(c);
      } else if (!part.isEmpty()) {
        parts.add(part.toString());
        part.setLength(0);
      }
    }
    if (!part.isEmpty()) parts.add(part.toString());
    return parts;
  }
}
