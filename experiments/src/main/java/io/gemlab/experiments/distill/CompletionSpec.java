package io.gemlab.experiments.distill;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.List;

/**
 * Where completions come from that a student learns on.
 *
 * @param onPolicy lambda, the share of rows, each drawn by itself, whose completion the student
 *     writes; in [0, 1]
 * @param teacherWrites whether the teacher writes those of the other rows (sequence-level
 *     distillation); else they are the data's own
 * @param temperature of sampling; 0 for the likeliest token
 * @param newTokens of a completion at most
 * @param promptTokens tokens of a row that its prompt has at least; a conversation's goes on to its
 *     first answer
 * @param seed of lambda's draws and of sampling
 */
public record CompletionSpec(
    double onPolicy,
    boolean teacherWrites,
    double temperature,
    int newTokens,
    int promptTokens,
    long seed) {
  public CompletionSpec {
    if (!(onPolicy >= 0 && onPolicy <= 1)) {
      throw new InvalidInput("lambda is " + onPolicy + "; give a number from 0 to 1");
    }
    for (int count : List.of(newTokens, promptTokens)) {
      if (count < 1) {
        throw new InvalidInput(
            "new_tokens is %d and prompt_tokens %d; give 1 or more each"
                .formatted(newTokens, promptTokens));
      }
    }
  }

  /** The share of rows whose completion the teacher writes. */
  public double byTeacher() {
    return teacherWrites ? 1 - onPolicy : 0;
  }
}
