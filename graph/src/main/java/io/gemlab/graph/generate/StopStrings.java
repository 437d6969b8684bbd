package io.gemlab.graph.generate;

import java.util.List;

/**
 * Lets a growing text through up to the first stop string in it. What may be the beginning of one
 * is held back until it is, or until it can't be.
 */
final class StopStrings {
  private final List<String> strings;
  private String held = "";
  private boolean found;

  /**
   * @param strings none of them empty
   */
  StopStrings(List<String> strings) {
    this.strings = strings;
  }

  /**
   * @return the text that {@code piece} makes certain to come before any stop string; nothing more
   *     after one was found
   */
  String push(String piece) {
    if (found) return "";
    String text = held + piece;
    int end = text.length();
    for (String string : strings) {
      int at = text.indexOf(string);
      if (at >= 0 && at <= end) {
        end = at;
        found = true;
      }
    }
    if (!found) end -= longestBeginning(text);
    held = text.substring(end);
    return text.substring(0, end);
  }

  /** The rest, when the text has ended without another piece. */
  String finish() {
    String rest = found ? "" : held;
    held = "";
    return rest;
  }

  boolean isFound() {
    return found;
  }

  /** How much of the end of {@code text} may be the beginning of a stop string. */
  private int longestBeginning(String text) {
    int longest = 0;
    for (String string : strings) {
      for (int n = Math.min(string.length() - 1, text.length()); n > longest; n--) {
        if (string.startsWith(text.substring(text.length() - n))) longest = n;
      }
    }
    return longest;
  }
}
