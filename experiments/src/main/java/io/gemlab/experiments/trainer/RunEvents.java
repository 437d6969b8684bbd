package io.gemlab.experiments.trainer;

import java.util.Locale;
import java.util.function.Consumer;

/**
 * {@code events.jsonl}: what happened to a run besides its steps.
 *
 * @param log where
 * @param said hears of each, a line each
 */
record RunEvents(JsonLog log, Consumer<String> said) {
  static final String KIND = "event";
  static final String TEXT = "text";

  /** What may happen. */
  enum Kind {
    CAUTION,
    DATA,
    TEACHER,
    PRODUCTS,
    WORKERS,
    RESTARTED,
    RESUMED,
    DAMAGED_CHECKPOINT,
    SPIKE,
    SKIPPED_SPIKE;

    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  void add(int step, Kind kind, String text) {
    log.add(JsonLog.line(step).put(KIND, kind.label()).put(TEXT, text));
    if (kind != Kind.RESUMED && kind != Kind.WORKERS) said.accept("step " + step + ": " + text);
  }
}
