package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.Passage.Part;
import java.io.IOException;
import java.util.function.Consumer;

/** Cuts streams of characters into passages and lines. */
final class Passages {
  /** A document is cut where it is longer, in characters. */
  static final int LONGEST = 1 << 20;

  private static final int LONGEST_LINE = 1 << 26;

  /** Receives a line and its number, counted from 1. */
  interface LineAction {
    void accept(String line, long number);
  }

  private Passages() {}

  /** Gives out the whole of {@code reader} as one document, or none if it is empty. */
  static void ofDocument(Utf8Reader reader, Consumer<Passage> action) throws IOException {
    StringBuilder text = new StringBuilder();
    boolean starts = true;
    boolean more = true;
    while (more) {
      more = reader.readBlock(text);
      if (!more || text.length() <= LONGEST) continue;
      int cut = cut(text);
      action.accept(new Passage(text.substring(0, cut), starts ? Part.FIRST : Part.MIDDLE));
      text.delete(0, cut);
      starts = false;
    }
    if (text.isEmpty() && starts) return;
    action.accept(new Passage(text.toString(), starts ? Part.WHOLE : Part.LAST));
  }

  /** Gives out the lines of {@code reader} that are not blank. */
  static void ofLines(Utf8Reader reader, LineAction action) throws IOException {
    StringBuilder text = new StringBuilder();
    long number = 1;
    boolean more = true;
    while (more) {
      int searched = text.length();
      more = reader.readBlock(text);
      int start = 0;
      for (int end = text.indexOf("\n", searched); end >= 0; end = text.indexOf("\n", start)) {
        accept(text.substring(start, end), number++, action);
        start = end + 1;
      }
      text.delete(0, start);
      if (text.length() > LONGEST_LINE) {
        throw new InvalidInput(
            "%s, line %d has over %d characters: write one document a line"
                .formatted(reader.name(), number, LONGEST_LINE));
      }
    }
    accept(text.toString(), number, action);
  }

  private static void accept(String line, long number, LineAction action) {
    if (!line.isBlank()) action.accept(line, number);
  }

  /** The last place behind a run of newlines, else before a space, else the end. */
  private static int cut(StringBuilder text) {
    int last = text.length() - 1;
    for (int at = last; at > 0; at--) {
      if (text.charAt(at - 1) == '\n' && text.charAt(at) != '\n') return at;
    }
    int space = text.lastIndexOf(" ");
    if (space > 0) return space;
    return Character.isHighSurrogate(text.charAt(last)) ? last : last + 1;
  }
}
