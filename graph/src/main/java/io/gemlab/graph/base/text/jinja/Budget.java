package io.gemlab.graph.base.text.jinja;

import java.time.Duration;

/** What a rendering may take: a hostile template ends. One rendering at a time. */
final class Budget {
  private static final int MOST_STEPS = 1_000_000;
  private static final int LONGEST_TEXT = 16 << 20;
  private static final int DEEPEST = 100;
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private long begun;
  private int steps;
  private int depth;

  /** A rendering begins. */
  void begin() {
    begun = System.nanoTime();
    steps = 0;
    depth = 0;
  }

  /** Counts an iteration or an evaluation. */
  void step() {
    steps++;
    if (steps > MOST_STEPS) throw TemplateFault.of("it takes over " + MOST_STEPS + " steps");
    if (System.nanoTime() - begun > LONGEST.toNanos()) {
      throw TemplateFault.of("it takes over " + LONGEST.toSeconds() + " s");
    }
  }

  /** Counts the making of a text or a list, and refuses one that is too long before it is made. */
  void make(long length) {
    step();
    requireShort(length);
  }

  /** Refuses a text or a list that is too long. */
  static void requireShort(long length) {
    if (length > LONGEST_TEXT) {
      throw TemplateFault.of(
          "it makes a text of over " + LONGEST_TEXT + " characters, or as long a list");
    }
  }

  void enterMacro() {
    depth++;
    if (depth > DEEPEST) throw TemplateFault.of("its macros call each other without end");
  }

  void leaveMacro() {
    depth--;
  }
}
