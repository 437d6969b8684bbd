package io.gemlab.graph.base.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into texts, outputs and tags, with Jinja2's white space: in chat templates {@code
 * trim_blocks} and {@code lstrip_blocks} are on, and the last newline of the template goes.
 *
 * @see <a href="https://github.com/pallets/jinja/blob/3.1.6/src/jinja2/lexer.py">Lexer.tokeniter,
 *     whose rules these are</a>
 */
final class Lexer {
  private static final Pattern BEGIN = Pattern.compile("\\{[%{#]");
  private static final Pattern RAW = Pattern.compile("\\{%[-+]?\\s*raw\\s*(-%}\\s*|%})");

  // Jinjava reads what stands in brackets once more for every bracket around it.
  private static final int DEEPEST_BRACKETS = 20;
  private static final int LONGEST_EXPRESSION = 10_000;

  /** A stretch of the template. */
  sealed interface Token {
    /** The line on which it begins, from 1. */
    int line();
  }

  record Text(String text, int line) implements Token {}

  /** An expression whose value is written. */
  record Output(String expression, int line) implements Token {}

  /** What stands in {@code {% ... %}}. */
  record Tag(String content, int line) implements Token {}

  private final boolean trims;
  private final Pattern endRaw;
  private final Pattern endComment;
  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  /** The line of the last place that was asked for, and that place. */
  private int line = 1;

  private int counted;

  /** Whether the last token ended with a newline. */
  private boolean lineStarting = true;

  private Lexer(JinjaDialect dialect, String source) {
    this.trims = dialect.trimsBlocks();
    String newline = trims ? "\n?" : "";
    this.endRaw = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(?:\\+%}|-%}\\s*|%}" + newline + ")");
    this.endComment = Pattern.compile("\\+#}|-#}\\s*|#}" + newline);
    this.source = source;
  }

  /**
   * @throws TemplateFault if something that was begun has no end
   */
  static List<Token> tokens(JinjaDialect dialect, String source) {
    String unix = source.replace("\r\n", "\n").replace('\r', '\n');
    boolean shorter = dialect.trimsBlocks() && unix.endsWith("\n");
    Lexer lexer = new Lexer(dialect, shorter ? unix.substring(0, unix.length() - 1) : unix);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    Matcher begin = BEGIN.matcher(source);
    while (begin.find(at)) {
      int start = begin.start();
      char kind = source.charAt(start + 1);
      text(source.substring(at, start), sign(start + 2), kind != '{');
      int line = line(start);
      at = start;
      Matcher raw = RAW.matcher(source).region(start, source.length());
      if (raw.lookingAt()) raw(raw.end(), line);
      else if (kind == '#') comment(start, line);
      else expression(start, kind, line);
    }
    if (at < source.length()) tokens.add(new Text(source.substring(at), line(at)));
  }

  private void text(String text, char sign, boolean block) {
    String kept = text;
    if (sign == '-') {
      kept = PythonText.rstrip(text);
    } else if (sign != '+' && block && trims) {
      int lineStart = text.lastIndexOf('\n') + 1;
      if ((lineStart > 0 || lineStarting) && PythonText.isBlank(text.substring(lineStart))) {
        kept = text.substring(0, lineStart);
      }
    }
    if (!kept.isEmpty()) tokens.add(new Text(kept, line(at)));
  }

  private void raw(int bodyStart, int line) {
    Matcher end = endRaw.matcher(source);
    if (!end.find(bodyStart)) throw fault("{% raw %} has no {% endraw %}", line);
    at = bodyStart;
    lineStarting = source.charAt(bodyStart - 1) == '\n';
    String sign = end.group(1);
    text(source.substring(bodyStart, end.start()), sign.isEmpty() ? ' ' : sign.charAt(0), true);
    advance(end.end());
  }

  private void comment(int start, int line) {
    Matcher end = endComment.matcher(source);
    if (!end.find(start + 2)) throw fault("a comment has no end", line);
    advance(end.end());
  }

  private void expression(int start, char kind, int line) {
    char sign = sign(start + 2);
    int from = start + (sign == ' ' ? 2 : 3);
    char closing = kind == '{' ? '}' : '%';
    int depth = 0;
    int length = 0;
    for (int i = from; i < source.length(); i++) {
      char c = source.charAt(i);
      length++;
      if (depth > DEEPEST_BRACKETS || length > LONGEST_EXPRESSION) {
        throw fault("an expression is longer or nested deeper than templates need", line);
      }
      if (c == '\'' || c == '"') {
        i = endOfString(i, line);
      } else if (depth == 0
          && c == closing
          && i + 1 < source.length()
          && source.charAt(i + 1) == '}') {
        boolean signed = i > from && isSign(source.charAt(i - 1), kind);
        String content = source.substring(from, signed ? i - 1 : i).strip();
        tokens.add(kind == '{' ? new Output(content, line) : new Tag(content, line));
        advance(endOf(i + 2, signed ? source.charAt(i - 1) : ' ', kind));
        return;
      } else if ("([{".indexOf(c) >= 0) {
        depth++;
      } else if (")]}".indexOf(c) >= 0) {
        depth--;
      }
    }
    throw fault("{" + kind + " has no end", line);
  }

  /** A plus ends no output: it is an operator there. */
  private static boolean isSign(char c, char kind) {
    return c == '-' || c == '+' && kind == '%';
  }

  private int endOf(int end, char sign, char kind) {
    int next = end;
    if (sign == '-') {
      while (next < source.length() && PythonText.isSpace(source.charAt(next))) next++;
    } else if (trims
        && sign == ' '
        && kind == '%'
        && next < source.length()
        && source.charAt(next) == '\n') {
      next++;
    }
    return next;
  }

  private int endOfString(int start, int line) {
    char quote = source.charAt(start);
    for (int i = start + 1; i < source.length(); i++) {
      if (source.charAt(i) == '\\') i++;
      else if (source.charAt(i) == quote) return i;
    }
    throw fault("a text in quotes has no end", line);
  }

  private char sign(int index) {
    char c = index < source.length() ? source.charAt(index) : ' ';
    return c == '-' || c == '+' ? c : ' ';
  }

  private void advance(int end) {
    at = end;
    lineStarting = source.charAt(end - 1) == '\n';
  }

  /**
   * @param index no smaller than the last one
   */
  private int line(int index) {
    for (; counted < index; counted++) if (source.charAt(counted) == '\n') line++;
    return line;
  }

  private static TemplateFault fault(String problem, int line) {
    return TemplateFault.of("line " + line + ": " + problem);
  }
}
