package io.gemlab.ops.choice;

/** An implementation was asked for what it can't do, and no deviation was allowed. */
public final class UnsupportedChoiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param choice the implementation, as its user names it
   */
  public UnsupportedChoiceException(String choice, Support.Unsupported refusal) {
    super(choice + " refuses: " + refusal.reason() + "; " + refusal.remedy());
  }
}
