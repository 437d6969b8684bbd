package io.gemlab.experiments.compile;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * That a program does not fit, as its compiler says it.
 *
 * @param reason the compiler's words, in one line
 * @param needed bytes of a device's memory, where the compiler names them
 * @param available bytes that a device has for it, where the compiler names them
 */
record OutOfMemory(String reason, OptionalDouble needed, OptionalDouble available) {
  /** Such as {@code Used 77.46G of 15.75G hbm. Exceeded hbm capacity by 61.71G.} */
  private static final Pattern USED =
      Pattern.compile("[Uu]sed ([0-9.]+[KMGT]?) of ([0-9.]+[KMGT]?) hbm");

  /** Such as {@code HLO temporaries (62.31G) exceeds available HBM (15.75G)}. */
  private static final Pattern EXCEEDS =
      Pattern.compile("\\(([0-9.]+[KMGT]?)\\) exceeds available HBM \\(([0-9.]+[KMGT]?)\\)");

  private static final String UNITS = "KMGT";

  /** Reads what a compiler said with code RESOURCE_EXHAUSTED. */
  static OutOfMemory of(String details) {
    String reason = details.lines().findFirst().orElse("no reason given");
    return find(USED, details)
        .or(() -> find(EXCEEDS, details))
        .map(
            found ->
                new OutOfMemory(
                    reason,
                    OptionalDouble.of(bytes(found.group(1))),
                    OptionalDouble.of(bytes(found.group(2)))))
        .orElseGet(() -> new OutOfMemory(reason, OptionalDouble.empty(), OptionalDouble.empty()));
  }

  private static Optional<Matcher> find(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher) : Optional.empty();
  }

  /** XLA's units are powers of 1024. */
  private static double bytes(String text) {
    int unit = UNITS.indexOf(text.charAt(text.length() - 1));
    String number = unit < 0 ? text : text.substring(0, text.length() - 1);
    return Double.parseDouble(number) * Math.pow(1024, unit + 1);
  }
}
