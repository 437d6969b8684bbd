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
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An environment variable with flags for XLA, divided into those that TensorFlow's XLA takes and
 * those that it doesn't, which would abort the process. Others have flags there that are meant for
 * a newer XLA, a TPU's or a GPU's.
 *
 * @param variable {@code XLA_FLAGS} or {@code TF_XLA_FLAGS}
 * @param known flags to pass on, in their order
 * @param unknown what TensorFlow's XLA must not see
 * @param unreadable flags that it knows, with values that are not of their type
 * @param wrong flags with which it computes a model wrongly
 */
record XlaFlags(
    String variable,
    List<String> known,
    List<String> unknown,
    List<String> unreadable,
    List<String> wrong) {
  /** As XLA divides the variable: a value in quotes may hold spaces. */
  private static final Pattern FLAG =
      Pattern.compile("-[-\\w]*=(?:\"(?:\\\\.|[^\"\\\\])*\"?|'[^']*'?)|\\S+");

  private static final Pattern PARTS =
      Pattern.compile("--(\\w+)(?:=([\"']?)(.*?)\\2)?", Pattern.DOTALL);

  /** What a value of each type looks like; of the others every text does. */
  private static final Map<String, Pattern> VALUES =
      Map.of(
          "bool", Pattern.compile("(?i)true|false|[01]"),
          "int32", Pattern.compile("[-+]?\\d+"),
          "int64", Pattern.compile("[-+]?\\d+"),
          "float", Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?"));

  /**
   * The older runtime for CPUs has oneDNN scale a product twice by one factor, so {@code cap *
   * tanh(x / cap)} becomes {@code cap * tanh(cap * x)} (TensorFlow 2.18 and 2.19, HLO pass
   * onednn-contraction-rewriter).
   */
  private static final Pattern WRONG =
      Pattern.compile("(?i)--xla_cpu_use_thunk_runtime=[\"']?(false|0)[\"']?");

  XlaFlags {
    known = List.copyOf(known);
    unknown = List.copyOf(unknown);
    unreadable = List.copyOf(unreadable);
    wrong = List.copyOf(wrong);
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
      return new XlaFlags(variable, List.of(), List.of(flags), List.of(), List.of());
    }
  }

  private static XlaFlags divide(String variable, String flags) {
    Map<String, String> types = types(variable);
    List<String> known = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    List<String> unreadable = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    Matcher each = FLAG.matcher(flags);
    while (each.find()) {
      Matcher parts = PARTS.matcher(each.group());
      if (!parts.matches() || !types.containsKey(parts.group(1))) unknown.add(each.group());
      else if (WRONG.matcher(each.group()).matches()) wrong.add(each.group());
      else if (isReadable(types.get(parts.group(1)), parts.group(3))) known.add(each.group());
      else unreadable.add(each.group());
    }
    return new XlaFlags(variable, known, unknown, unreadable, wrong);
  }

  /**
   * @param value null for a flag without one, which means true
   */
  private static boolean isReadable(String type, String value) {
    if (value == null) return type.equals("bool");
    return !VALUES.containsKey(type) || VALUES.get(type).matcher(value).matches();
  }

  /**
   * All flags that TensorFlow's XLA takes in a variable, and the types of their values, from its
   * own usage text.
   */
  static Map<String, String> types(String variable) {
    try (InputStream list = XlaFlags.class.getResourceAsStream(variable)) {
      return new String(list.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(" "))
          .collect(Collectors.toUnmodifiableMap(words -> words[0], words -> words[1]));
    } catch (IOException e) {
      throw new UncheckedIOException("reading the list of " + variable, e);
    }
  }

  /** The variable's value without what TensorFlow's XLA must not see. */
  String value() {
    return String.join(" ", known);
  }

  /** What is left out, for the user: a line for each reason. */
  List<String> warnings() {
    return Stream.of(
            warning("does not know", unknown),
            warning("can't read the value of", unreadable),
            warning("computes soft caps wrongly with", wrong))
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<String> warning(String why, List<String> flags) {
    return flags.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%s: TensorFlow's XLA %s %s; ignored for TensorFlow"
                .formatted(variable, why, String.join(" ", flags)));
  }
}
