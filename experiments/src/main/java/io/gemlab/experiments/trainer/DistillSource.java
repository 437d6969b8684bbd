package io.gemlab.experiments.trainer;

import io.gemlab.experiments.distill.CompletionSpec;
import java.nio.file.Path;

/** Where a run has its teacher from. */
sealed interface DistillSource {
  /** Its checkpoint or file. */
  Path path();

  /**
   * Offline: what a teacher said once of the run's rows.
   *
   * @param path a file that {@code gemlab teacher} wrote
   */
  record Records(Path path) implements DistillSource {}

  /**
   * Online: a teacher that scores each batch as it comes.
   *
   * @param path a Hugging Face folder
   * @param beta of the divergence
   * @param completions what it scores
   */
  record Model(Path path, double beta, CompletionSpec completions) implements DistillSource {}
}
