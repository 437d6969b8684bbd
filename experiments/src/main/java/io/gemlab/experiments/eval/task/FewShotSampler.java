package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Chooses examples as lm-evaluation-harness's samplers do: one stream of random numbers, of which
 * each document takes the next, so that the order of documents decides which examples they get.
 */
final class FewShotSampler {
  private final FewShotSpec spec;
  private final List<Document> pool;
  private final PythonRandom random;

  /**
   * @param pool what is chosen from
   */
  FewShotSampler(FewShotSpec spec, List<Document> pool, int seed) {
    this.spec = spec;
    this.pool = spec.shots() == 0 || spec.indices().isEmpty() ? pool : named(spec, pool);
    this.random = new PythonRandom(seed);
  }

  private static List<Document> named(FewShotSpec spec, List<Document> pool) {
    List<Document> named = new ArrayList<>();
    for (int index : spec.indices()) {
      if (index < 0 || index >= pool.size()) {
        throw new InvalidInput(
            "fewshot_indices holds %d and there are %d documents to choose from; give 0 to %d"
                .formatted(index, pool.size(), pool.size() - 1));
      }
      named.add(pool.get(index));
    }
    return named;
  }

  /**
   * The examples of the next document.
   *
   * @param asked the document itself, where it may be in the pool and is not to be an example
   */
  List<Document> next(Optional<Document> asked) {
    int shots = spec.shots();
    if (shots == 0) return List.of();
    int needed = asked.isPresent() ? shots + 1 : shots;
    if (pool.size() < needed) {
      throw new InvalidInput(
          "%d examples are wanted and there are %d documents to choose from; ask for fewer with --shots"
              .formatted(shots, pool.size()));
    }
    List<Document> chosen =
        switch (spec.sampler()) {
          case FIRST_N -> pool;
          case DEFAULT -> random.sample(pool, needed);
        };
    List<Document> examples = without(chosen, asked).limit(shots).toList();
    // The document itself may stand in the pool twice, and both have been drawn.
    return examples.size() < shots ? random.sample(without(pool, asked).toList(), shots) : examples;
  }

  private static Stream<Document> without(List<Document> documents, Optional<Document> asked) {
    return documents.stream().filter(each -> asked.isEmpty() || !each.equals(asked.get()));
  }
}
