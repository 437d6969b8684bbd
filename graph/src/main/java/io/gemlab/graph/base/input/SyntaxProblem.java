package io.gemlab.graph.base.input;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * Why a JSON or YAML text can't be read, with line and column, in words for whoever wrote it: a
 * parser's own name its options and classes.
 */
public final class SyntaxProblem {
  /**
   * What a parser's message says, and what is said instead.
   *
   * @param message found in the parser's; its group, if it has one, goes into the words' {@code %s}
   */
  private record Wording(Pattern message, String words) {
    Wording(String message, String words) {
      this(Pattern.compile(message, Pattern.DOTALL), words);
    }
  }

  private static final List<Wording> WORDINGS =
      List.of(
          new Wording("^Duplicate field '(.*)'", "the key \"%s\" comes twice"),
          new Wording("^Non-standard token '(.*?)'", "%s is not a number in JSON"),
          new Wording("^Illegal unquoted character|^Illegal character", "a control character"),
          new Wording("^Unrecognized character escape", "a backslash with no meaning; write \\\\"),
          new Wording("^Unexpected close marker", "a bracket that closes another one"),
          new Wording("^Invalid numeric value|^Leading zeroes", "a number that JSON doesn't have"),
          new Wording(
              "^Unexpected character \\('(.)' .*was expecting (?:comma|a colon)",
              "\"%s\" where a comma, a colon or a closing bracket is wanted"),
          new Wording("^Unexpected character \\('(.)' ", "\"%s\" where it can't be"),
          new Wording("^Unrecognized token '(.*?)'", "\"%s\", which is no value: is it in quotes?"),
          new Wording("\\\\t\\(TAB\\)", "a tab; indent with spaces"),
          new Wording("found unexpected end of stream", "the text ends within quotes"),
          new Wording(
              "expected ',' or '[\\]}]'",
              "a bracket that isn't closed, or a comma that is missing"),
          new Wording(
              "expected <block end>", "a line that doesn't fit those above: check the indentation"),
          new Wording("found unknown escape character", "a backslash with no meaning"),
          new Wording("special characters are not allowed", "a character that YAML doesn't have"),
          new Wording(
              "mapping values are not allowed",
              "a colon that makes no key: use quotes, or check the indentation"),
          new Wording(
              "could not find expected ':'",
              "a line that is neither \"key: value\" nor part of one"),
          new Wording(
              "(?:Global tag is not allowed: |could not determine a constructor for the tag )(\\S+)",
              "the tag %s, which is not known here"),
          new Wording("found character '(.)'", "\"%s\" begins nothing in YAML: use quotes"));

  private SyntaxProblem() {}

  /** The reason in a line, with the place: {@code a tab; indent with spaces (line 3, column 1)}. */
  public static String of(JsonProcessingException e) {
    return words(e) + place(e);
  }

  /** The same of YAML that SnakeYAML itself has read. */
  public static String of(YAMLException e) {
    return words(String.valueOf(e.getMessage())) + place(e);
  }

  private static String place(JsonProcessingException e) {
    if (e.getCause() instanceof YAMLException yaml) {
      String place = place(yaml);
      if (!place.isEmpty()) return place;
    }
    JsonLocation at = e.getLocation();
    return at == null ? "" : place(at.getLineNr(), at.getColumnNr());
  }

  private static String place(YAMLException e) {
    return switch (e) {
      case MarkedYAMLException yaml when yaml.getProblemMark() != null ->
          place(yaml.getProblemMark().getLine() + 1, yaml.getProblemMark().getColumn() + 1);
      case ReaderException yaml -> " (character %d)".formatted(yaml.getPosition() + 1);
      default -> "";
    };
  }

  private static String place(int line, int column) {
    return line < 1 ? "" : " (line %d, column %d)".formatted(line, column);
  }

  private static String words(JsonProcessingException e) {
    return switch (e) {
      case JsonEOFException _ -> "it ends in the middle: is the file cut short?";
      case StreamConstraintsException _ -> constraint(e);
      case MismatchedInputException _ -> "it goes on after its end";
      default -> words(String.valueOf(e.getOriginalMessage()));
    };
  }

  private static String words(String message) {
    for (Wording wording : WORDINGS) {
      Matcher matcher = wording.message().matcher(message);
      if (matcher.find()) {
        return matcher.groupCount() == 0
            ? wording.words()
            : wording.words().formatted(matcher.group(1));
      }
    }
    return "something that can't stand there: check quotes, commas, brackets and indentation";
  }

  private static String constraint(JsonProcessingException e) {
    String message = e.getOriginalMessage().toLowerCase(Locale.ROOT);
    if (message.contains("depth")) return "its brackets are nested too deeply";
    return message.contains("number") ? "a number that is too long" : "a text that is too long";
  }
}
