package io.gemlab.graph.base.input;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Input that a person has to change: a file, a field or a flag that can't be used as it is.
 *
 * <p>The message is one line that names the place, the value seen and what to do about it. The
 * command line prints it and ends with exit code 2. A fault of the program itself is never one of
 * these.
 */
public final class InvalidInput extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_MESSAGE = 1000;
  private static final int LONGEST_VALUE = 80;

  /**
   * @param message what is wrong, where, the value seen and what to do; control characters are
   *     escaped, so that it stays one line whatever a hostile file holds
   */
  public InvalidInput(String message) {
    super(line(message, LONGEST_MESSAGE));
  }

  public InvalidInput(String message, Throwable cause) {
    super(line(message, LONGEST_MESSAGE), cause);
  }

  /** What reading {@code file} failed with, as input: absent, not allowed, or broken. */
  public static InvalidInput unreadable(Path file, IOException cause) {
    String problem =
        switch (cause) {
          case NoSuchFileException _ when Files.isSymbolicLink(file) ->
              "is a link to %s, which does not exist: fetch the file again"
                  .formatted(linkTarget(file));
          case NoSuchFileException _ -> "does not exist: check the path";
          case AccessDeniedException _ -> "may not be read: check its permissions";
          default -> "can't be read (" + cause.getMessage() + "): check the path and the disk";
        };
    return new InvalidInput(file + " " + problem, cause);
  }

  /**
   * Checks that there is a file before it is asked what it is.
   *
   * @throws InvalidInput if there is none
   */
  public static void requireExists(Path file) {
    if (!Files.exists(file)) throw unreadable(file, new NoSuchFileException(file.toString()));
  }

  /** Where a symbolic link leads, as it is written in it. */
  public static String linkTarget(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "somewhere that can't be read";
    }
  }

  /** A value as a message shows it: in quotes, escaped, and cut where it is long. */
  public static String shown(String value) {
    return '"' + line(value, LONGEST_VALUE) + '"';
  }

  private static String line(String text, int longest) {
    StringBuilder line = new StringBuilder();
    text.codePoints()
        .limit(longest)
        .forEach(
            c -> {
              if (isPlain(c)) line.appendCodePoint(c);
              else line.append(String.format("\\u%04x", c));
            });
    if (text.codePointCount(0, text.length()) > longest) line.append("...");
    return line.toString();
  }

  private static boolean isPlain(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
