package io.gemlab.experiments.doctor;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What was found out about one subject.
 *
 * @param subject such as {@code TensorFlow}
 * @param verdict whether it is there
 * @param found what is there, a line each, 1 or more
 * @param remedy what would bring what is not there
 */
public record Check(String subject, Verdict verdict, List<String> found, Optional<String> remedy) {
  /** Whether what a subject is about is there. */
  public enum Verdict {
    /** All of it. */
    OK("ok"),
    /** Not all of it; what needs it can't be done, or is slower, and the rest works. */
    LIMITED("limited"),
    /** Gemlab does not work without it. */
    MISSING("missing");

    private final String label;

    Verdict(String label) {
      this.label = label;
    }

    /** The word for a person or a script. */
    public String label() {
      return label;
    }
  }

  public Check {
    found = List.copyOf(found);
    if (remedy.isPresent() == (verdict == Verdict.OK)) {
      throw new IllegalArgumentException(
          subject + " is " + verdict + " and has " + remedy + "; all but OK need a remedy");
    }
  }

  static Check ok(String subject, List<String> found) {
    return new Check(subject, Verdict.OK, found, Optional.empty());
  }

  static Check limited(String subject, List<String> found, String remedy) {
    return new Check(subject, Verdict.LIMITED, found, Optional.of(remedy));
  }

  static Check missing(String subject, List<String> found, String remedy) {
    return new Check(subject, Verdict.MISSING, found, Optional.of(remedy));
  }

  /**
   * A check that tries something native.
   *
   * @param tried the check where that works
   * @param remedy where it does not
   */
  static Check trying(String subject, Supplier<Check> tried, String remedy) {
    try {
      return tried.get();
    } catch (LinkageError | RuntimeException e) {
      String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      return missing(subject, List.of(e.getClass().getSimpleName() + ": " + first), remedy);
    }
  }
}
