package io.gemlab.graph.base.text.jinja;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression of Python's {@code re}, run by Java's. What they write differently is
 * translated: named groups, {@code \Z}, {@code {,n}}, and brackets and ampersands in a set, which
 * Java reads as sets of its own. {@code \w}, {@code \d} and {@code \s} are Unicode's, and only
 * {@code \n} ends a line.
 */
public final class PythonRegex {
  private static final int FLAGS =
      Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE | Pattern.UNIX_LINES;

  private final String source;
  private final Pattern pattern;

  private PythonRegex(String source, Pattern pattern) {
    this.source = source;
    this.pattern = pattern;
  }

  /**
   * @throws InvalidInput if Java can't read it
   */
  public static PythonRegex compile(String source) {
    try {
      return new PythonRegex(source, Pattern.compile(new Translation(source).text(), FLAGS));
    } catch (PatternSyntaxException e) {
      throw new InvalidInput(
          "the regular expression %s can't be read (%s); write it simpler"
              .formatted(InvalidInput.shown(source), e.getDescription()),
          e);
    }
  }

  /**
   * As {@code findall}: each match's groups, empty where one took no part; the whole match where
   * there are no groups.
   */
  public List<List<String>> findAll(String text) {
    List<List<String>> found = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    while (find(matcher)) {
      List<String> groups = new ArrayList<>();
      for (int i = 1; i <= matcher.groupCount(); i++) {
        groups.add(matcher.group(i) == null ? "" : matcher.group(i));
      }
      found.add(groups.isEmpty() ? List.of(matcher.group()) : groups);
    }
    return found;
  }

  /**
   * As {@code sub}.
   *
   * @param replacement in which {@code \1} and {@code \g<name>} stand for groups
   * @param most how many matches are replaced; 0 for all
   */
  public String replace(String text, String replacement, long most) {
    StringBuilder replaced = new StringBuilder();
    Matcher matcher = pattern.matcher(text);
    String javas = replacement(replacement);
    for (long i = 0; (most == 0 || i < most) && find(matcher); i++) {
      matcher.appendReplacement(replaced, javas);
    }
    return matcher.appendTail(replaced).toString();
  }

  private boolean find(Matcher matcher) {
    try {
      return matcher.find();
    } catch (StackOverflowError e) {
      throw new InvalidInput(
          "the regular expression %s nests too deep on a text of %d characters; write it simpler"
              .formatted(InvalidInput.shown(source), matcher.regionEnd()),
          e);
    }
  }

  /** A replacement as Java writes it. */
  private static String replacement(String pythons) {
    StringBuilder javas = new StringBuilder();
    for (int i = 0; i < pythons.length(); i++) {
      char c = pythons.charAt(i);
      char next = c == '\\' && i + 1 < pythons.length() ? pythons.charAt(i + 1) : ' ';
      int end = pythons.indexOf('>', i);
      if (next >= '0' && next <= '9') {
        javas.append('$').append(next);
        i++;
      } else if (next == 'g' && pythons.startsWith("<", i + 2) && end > 0) {
        String group = pythons.substring(i + 3, end);
        javas.append(group.matches("[0-9]+") ? "$" + group : "${" + group + "}");
        i = end;
      } else if (next == 'n') {
        javas.append('\n');
        i++;
      } else if (next == '\\') {
        javas.append("\\\\");
        i++;
      } else {
        javas.append(Matcher.quoteReplacement(String.valueOf(c)));
      }
    }
    return javas.toString();
  }

  /** What Java writes for it. */
  private static final class Translation {
    private final String source;
    private final StringBuilder text = new StringBuilder();
    private int at;

    Translation(String source) {
      this.source = source;
    }

    String text() {
      while (at < source.length()) {
        if (source.startsWith("(?P<", at)) take("(?P<", "(?<");
        else if (source.startsWith("(?P=", at)) backReference();
        else if (source.startsWith("\\Z", at)) take("\\Z", "\\z");
        else if (source.startsWith("{,", at)) take("{,", "{0,");
        else if (source.charAt(at) == '\\') copy(2);
        else if (source.charAt(at) == '[') set();
        else copy(1);
      }
      return text.toString();
    }

    private void take(String pythons, String javas) {
      text.append(javas);
      at += pythons.length();
    }

    private void copy(int characters) {
      int end = Math.min(source.length(), at + characters);
      text.append(source, at, end);
      at = end;
    }

    private void backReference() {
      int end = source.indexOf(')', at);
      if (end < 0) {
        copy(1);
        return;
      }
      text.append("\\k<").append(source, at + 4, end).append('>');
      at = end + 1;
    }

    private void set() {
      copy(1);
      if (at < source.length() && source.charAt(at) == '^') copy(1);
      if (at < source.length() && source.charAt(at) == ']') {
        text.append("\\]");
        at++;
      }
      while (at < source.length() && source.charAt(at) != ']') {
        char c = source.charAt(at);
        if (c == '\\') {
          copy(2);
          continue;
        }
        if (c == '[' || c == '&') text.append('\\');
        copy(1);
      }
      if (at < source.length()) copy(1);
    }
  }
}
