package io.gemlab.ops.choice;

/** Whether an implementation can do what was asked of it. */
public sealed interface Support {

  /** It can. */
  static Support yes() {
    return Supported.INSTANCE;
  }

  /** It can't, for {@code reason}; {@code remedy} says what to do instead. */
  static Support no(String reason, String remedy) {
    return new Unsupported(reason, remedy);
  }

  enum Supported implements Support {
    INSTANCE
  }

  /**
   * @param reason why not, as a clause without a full stop
   * @param remedy what to do instead, likewise
   */
  record Unsupported(String reason, String remedy) implements Support {
    public Unsupported {
      if (reason.isBlank() || remedy.isBlank()) {
        throw new IllegalArgumentException("a refusal needs a reason and a remedy");
      }
    }
  }
}
