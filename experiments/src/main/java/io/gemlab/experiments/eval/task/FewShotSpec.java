package io.gemlab.experiments.eval.task;

import java.util.List;
import java.util.Optional;

/**
 * The examples that stand before a question.
 *
 * @param shots how many
 * @param sampler how they are chosen
 * @param split what they are chosen from; empty for the training split, or else validation or test
 * @param samples the documents themselves, where the task has them and no split
 * @param indices those of the split that may be chosen; empty for all
 * @param prompt how they are written
 * @param delimiter what stands between them
 */
record FewShotSpec(
    int shots,
    Sampler sampler,
    Optional<String> split,
    List<Document> samples,
    List<Integer> indices,
    PromptSpec prompt,
    String delimiter) {
  /** How examples are chosen. */
  enum Sampler {
    /** At random, anew for each document. */
    DEFAULT,
    /** The first ones, for each document the same. */
    FIRST_N
  }

  FewShotSpec withShots(int other) {
    return new FewShotSpec(other, sampler, split, samples, indices, prompt, delimiter);
  }
}
