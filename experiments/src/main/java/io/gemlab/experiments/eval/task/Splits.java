package io.gemlab.experiments.eval.task;

import java.util.Optional;

/** The parts of a data set that a task uses, each where it is named. */
record Splits(Optional<String> training, Optional<String> validation, Optional<String> test) {
  /** What is evaluated: the test split, or else the validation split. */
  Optional<String> evaluated() {
    return test.or(() -> validation);
  }

  /** What examples are drawn from where nothing says so. */
  Optional<String> examples() {
    return training.or(() -> validation).or(() -> test);
  }
}
