package io.gemlab.tpu.pjrt;

/**
 * An error that a plugin returned.
 *
 * <p>The message is one line: the function, the code and the first line of what the plugin said.
 */
public final class PjrtError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String function;
  private final Code code;
  private final String details;

  /**
   * @param function as the C interface names it, such as {@code PJRT_Compile}
   * @param details all that the plugin said
   */
  public PjrtError(String function, Code code, String details) {
    super("%s: %s: %s".formatted(function, code, firstLine(details)));
    this.function = function;
    this.code = code;
    this.details = details;
  }

  public String function() {
    return function;
  }

  public Code code() {
    return code;
  }

  /** The first line of what the plugin said. */
  public String reason() {
    return firstLine(details);
  }

  /** All that the plugin said, which may be many lines. */
  public String details() {
    return details;
  }

  private static String firstLine(String details) {
    return details.lines().findFirst().orElse("no reason given");
  }

  /** The codes of Abseil's statuses; the position is the number. */
  public enum Code {
    OK,
    CANCELLED,
    UNKNOWN,
    INVALID_ARGUMENT,
    DEADLINE_EXCEEDED,
    NOT_FOUND,
    ALREADY_EXISTS,
    PERMISSION_DENIED,
    /** A program that needs more memory than the device has, among others. */
    RESOURCE_EXHAUSTED,
    FAILED_PRECONDITION,
    ABORTED,
    OUT_OF_RANGE,
    /** A function that this plugin doesn't have. */
    UNIMPLEMENTED,
    INTERNAL,
    UNAVAILABLE,
    DATA_LOSS,
    UNAUTHENTICATED;

    public static Code of(int number) {
      return number >= 0 && number < values().length ? values()[number] : UNKNOWN;
    }
  }
}
