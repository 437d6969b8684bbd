package io.gemlab.graph.base.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes statements of a template's tokens. What Jinja2 has beyond {@link Statement} is refused. */
final class BlockParser {
  private static final String NAME = "[A-Za-z_][A-Za-z0-9_]*";
  private static final Pattern SET_VALUE =
      Pattern.compile("(?:(" + NAME + ")\\s*\\.\\s*)?(" + NAME + ")\\s*=(?!=)(.+)", Pattern.DOTALL);
  private static final Pattern SET_BLOCK = Pattern.compile("(" + NAME + ")");
  private static final Pattern FOR_NAMES = Pattern.compile(NAME + "(?:\\s*,\\s*" + NAME + ")*");
  private static final Pattern MACRO =
      Pattern.compile("(" + NAME + ")\\s*\\((.*)\\)", Pattern.DOTALL);
  private static final Pattern PARAMETER =
      Pattern.compile("(" + NAME + ")(?:\\s*=(?!=)(.+))?", Pattern.DOTALL);

  private final List<Lexer.Token> tokens;
  private int next;
  private int loops;

  private BlockParser(List<Lexer.Token> tokens) {
    this.tokens = tokens;
  }

  /** A tag's first word, and the rest. */
  private record Tag(String word, String rest, int line) {
    static Tag of(Lexer.Tag tag) {
      String content = tag.content();
      int end = 0;
      while (end < content.length() && Character.isLetter(content.charAt(end))) end++;
      return new Tag(content.substring(0, end), content.substring(end).strip(), tag.line());
    }
  }

  /** Statements up to the tag that ends them. */
  private record Body(List<Statement> statements, Tag end) {}

  /**
   * @throws TemplateFault if a block is not closed, or a tag is not supported
   */
  static List<Statement> parse(JinjaDialect dialect, String source) {
    return new BlockParser(Lexer.tokens(dialect, source)).body(null).statements();
  }

  /**
   * @param opener the tag whose end is looked for; null for the template's
   */
  private Body body(Tag opener, String... ends) {
    List<Statement> statements = new ArrayList<>();
    while (next < tokens.size()) {
      switch (tokens.get(next++)) {
        case Lexer.Text(String text, int line) -> statements.add(new Statement.Text(text, line));
        case Lexer.Output(String expression, int line) ->
            statements.add(new Statement.Output(expression, line));
        case Lexer.Tag token -> {
          Tag tag = Tag.of(token);
          if (List.of(ends).contains(tag.word())) return new Body(statements, tag);
          statements.add(statement(tag));
        }
      }
    }
    if (opener == null) return new Body(statements, null);
    throw fault(opener, "{% " + opener.word() + " %} has no end");
  }

  private Statement statement(Tag tag) {
    return switch (tag.word()) {
      case "if" -> branches(tag);
      case "for" -> loop(tag);
      case "set" -> set(tag);
      case "macro" -> macro(tag);
      case "generation" ->
          new Statement.Generation(body(tag, "endgeneration").statements(), tag.line());
      case "break", "continue" -> {
        if (loops == 0) throw fault(tag, "{% " + tag.word() + " %} stands in no loop");
        yield new Statement.Jump(tag.word().equals("break"), tag.line());
      }
      case "else", "elif", "endif", "endfor", "endset", "endmacro", "endgeneration" ->
          throw fault(tag, "{% " + tag.word() + " %} ends nothing");
      default -> throw fault(tag, "the tag {% " + tag.word() + " %} is not supported in templates");
    };
  }

  private Statement branches(Tag opener) {
    List<Statement.Branch> branches = new ArrayList<>();
    Tag branch = opener;
    while (!branch.word().equals("endif")) {
      boolean last = branch.word().equals("else");
      Optional<String> condition = last ? Optional.empty() : Optional.of(branch.rest());
      Body body = last ? body(opener, "endif") : body(opener, "elif", "else", "endif");
      branches.add(new Statement.Branch(condition, body.statements(), branch.line()));
      branch = body.end();
    }
    return new Statement.If(branches, opener.line());
  }

  private Statement loop(Tag tag) {
    int in = word(tag.rest(), "in");
    String names = in < 0 ? "" : tag.rest().substring(0, in).strip();
    if (!FOR_NAMES.matcher(names).matches()) throw unsupported(tag);
    String iterable = tag.rest().substring(in + 2).strip();
    Optional<String> condition = Optional.empty();
    int filter = word(iterable, "if");
    if (filter >= 0) {
      condition = Optional.of(iterable.substring(filter + 2).strip());
      iterable = iterable.substring(0, filter).strip();
    }
    if (word(tag.rest(), "recursive") >= 0) throw unsupported(tag);
    loops++;
    Body body = body(tag, "else", "endfor");
    loops--;
    List<Statement> otherwise =
        body.end().word().equals("else") ? body(tag, "endfor").statements() : List.of();
    return new Statement.For(
        List.of(names.split("\\s*,\\s*")),
        iterable,
        condition,
        body.statements(),
        otherwise,
        tag.line());
  }

  private Statement set(Tag tag) {
    Matcher value = SET_VALUE.matcher(tag.rest());
    if (value.matches()) {
      return new Statement.Set(
          new Statement.Target(Optional.ofNullable(value.group(1)), value.group(2)),
          value.group(3).strip(),
          tag.line());
    }
    Matcher block = SET_BLOCK.matcher(tag.rest());
    if (!block.matches()) throw unsupported(tag);
    Statement.Target target = new Statement.Target(Optional.empty(), block.group(1));
    return new Statement.SetBlock(target, body(tag, "endset").statements(), tag.line());
  }

  private Statement macro(Tag tag) {
    Matcher macro = MACRO.matcher(tag.rest());
    if (!macro.matches()) throw unsupported(tag);
    List<Statement.Parameter> parameters = new ArrayList<>();
    for (String one : arguments(macro.group(2))) {
      Matcher parameter = PARAMETER.matcher(one.strip());
      if (!parameter.matches()) throw unsupported(tag);
      Optional<String> preset = Optional.ofNullable(parameter.group(2)).map(String::strip);
      parameters.add(new Statement.Parameter(parameter.group(1), preset));
    }
    int around = loops;
    loops = 0;
    List<Statement> body = body(tag, "endmacro").statements();
    loops = around;
    return new Statement.Macro(macro.group(1), parameters, body, tag.line());
  }

  /** The parts between the commas that stand in no bracket and no quotes. */
  private static List<String> arguments(String text) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    Outside outside = new Outside(text);
    for (int i = outside.next(0); i < text.length(); i = outside.next(i + 1)) {
      if (text.charAt(i) != ',') continue;
      parts.add(text.substring(start, i));
      start = i + 1;
    }
    String last = text.substring(start);
    if (!last.isBlank()) parts.add(last);
    return parts;
  }

  /** Where a word stands first in an expression, in no bracket and no quotes; -1 if nowhere. */
  private static int word(String text, String word) {
    Outside outside = new Outside(text);
    for (int i = outside.next(0); i < text.length(); i = outside.next(i + 1)) {
      boolean begins = i == 0 || !Character.isJavaIdentifierPart(text.charAt(i - 1));
      int end = i + word.length();
      boolean ends = end >= text.length() || !Character.isJavaIdentifierPart(text.charAt(end));
      if (begins && ends && text.startsWith(word, i)) return i;
    }
    return -1;
  }

  /** Walks the characters of an expression that stand in no bracket and no quotes. */
  private static final class Outside {
    private final String text;
    private int depth;

    Outside(String text) {
      this.text = text;
    }

    /** The first such character from {@code from} on, which is one behind the last one given. */
    int next(int from) {
      for (int i = from; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '\'' || c == '"') i = endOfString(i);
        else if ("([{".indexOf(c) >= 0) depth++;
        else if (")]}".indexOf(c) >= 0) depth--;
        else if (depth == 0) return i;
      }
      return text.length();
    }

    private int endOfString(int start) {
      for (int i = start + 1; i < text.length(); i++) {
        if (text.charAt(i) == '\\') i++;
        else if (text.charAt(i) == text.charAt(start)) return i;
      }
      return text.length();
    }
  }

  private static TemplateFault unsupported(Tag tag) {
    return fault(
        tag, "{%% %s %s %%} is not supported in templates".formatted(tag.word(), tag.rest()));
  }

  private static TemplateFault fault(Tag tag, String problem) {
    return TemplateFault.of("line " + tag.line() + ": " + problem);
  }
}
