package io.gemlab.graph.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An environment variable with flags for XLA, divided into those that TensorFlow's XLA knows and
 * those that it doesn't, which would abort the process. Others have flags there that are meant for
 * a newer XLA, a TPU's or a GPU's.
 *
 * @param variable {@code XLA_FLAGS} or {@code TF_XLA_FLAGS}
 * @param known flags to pass on, in their order
 * @param unknown what TensorFlow's XLA must not see
 */
record XlaFlags(String variable, List<String> known, List<String> unknown) {
  /** As XLA divides the variable: a value in quotes may hold spaces. */
  private static final Pattern FLAG =
      Pattern.compile("-[-\\w]*=(?:\"(?:\\\\.|[^\"\\\\])*\"?|'[^']*'?)|\\S+");

  private static final Pattern NAME = Pattern.compile("--(\\w+)(?:=.*)?", Pattern.DOTALL);

  XlaFlags {
    known = List.copyOf(known);
    unknown = List.copyOf(unknown);
  }

  /**
   * Divides a variable's value. One that doesn't begin with a dash names a file of flags.
   *
   * @param value as the user set it, or null
   */
  static XlaFlags of(String variable, String value) {
    String flags = value == null ? "" : value.strip();
    if (flags.isEmpty() || flags.startsWith("-")) return divide(variable, flags);
    try {
      return divide(variable, Files.readString(Path.of(flags)));
    } catch (IOException | InvalidPathException e) {
      return new XlaFlags(variable, List.of(), List.of(flags));
    }
  }

  private static XlaFlags divide(String variable, String flags) {
    Set<String> names = names(variable);
    List<String> known = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    Matcher each = FLAG.matcher(flags);
    while (each.find()) {
      Matcher name = NAME.matcher(each.group());
      (name.matches() && names.contains(name.group(1)) ? known : unknown).add(each.group());
    }
    return new XlaFlags(variable, known, unknown);
  }

  /** The names of all flags that TensorFlow's XLA takes in a variable, from its own usage text. */
  static Set<String> names(String variable) {
    try (InputStream list = XlaFlags.class.getResourceAsStream(variable)) {
      return new String(list.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .collect(Collectors.toUnmodifiableSet());
    } catch (IOException e) {
      throw new UncheckedIOException("reading the list of " + variable, e);
    }
  }

  /** The variable's value without the unknown flags. */
  String value() {
    return String.join(" ", known);
  }

  /** One line for the user on what is left out. */
  String warning() {
    return "%s: TensorFlow's XLA does not know %s; ignored for TensorFlow"
        .formatted(variable, String.join(" ", unknown));
  }
}
