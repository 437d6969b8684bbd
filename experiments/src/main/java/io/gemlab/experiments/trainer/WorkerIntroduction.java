package io.gemlab.experiments.trainer;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.reports.record.Provenance;
import java.util.List;
import java.util.Optional;

/**
 * What the workers of a cluster must have in common, as each tells the others.
 *
 * @param build of Gemlab
 * @param batchSha256 of the run's first batch
 * @param teacher who teaches; empty where nobody does
 * @param recipe the whole of it, as YAML
 */
record WorkerIntroduction(String build, String batchSha256, String teacher, String recipe) {
  private static final int PARTS = 4;

  static WorkerIntroduction of(TrainRecipeFile file, OpenRecipe open, Provenance provenance) {
    return new WorkerIntroduction(
        provenance.getGemlabVersion() + " " + provenance.getGitCommit(),
        LabelledBatch.sha256(open.batches().batches(null, null).apply(0)),
        open.batches().teacher().orElse(""),
        file.text());
  }

  static WorkerIntroduction parse(String text) {
    String[] lines = text.split("\n", PARTS);
    return new WorkerIntroduction(lines[0], lines[1], lines[2], lines[3]);
  }

  String text() {
    return String.join("\n", build, batchSha256, teacher, recipe);
  }

  /**
   * Checks that all have the same.
   *
   * @param all what each said, in the order of their tasks
   * @throws InvalidInput that names the first that has something else
   */
  void requireSame(Cluster cluster, List<String> all) {
    for (int worker = 0; worker < all.size(); worker++) {
      Optional<String> difference = difference(parse(all.get(worker)));
      if (difference.isEmpty()) continue;
      throw new InvalidInput(
          "%s differs from worker %d, this one: %s"
              .formatted(cluster.name(worker), cluster.task(), difference.get()));
    }
  }

  private Optional<String> difference(WorkerIntroduction other) {
    if (!other.build.equals(build)) {
      return Optional.of(
          "it runs build %s and this one %s; start the same build everywhere"
              .formatted(other.build, build));
    }
    Optional<TrainRecipeFile.Difference> key =
        TrainRecipeFile.parse(recipe).whatDiffers(TrainRecipeFile.parse(other.recipe));
    if (key.isPresent()) {
      return Optional.of(
          "%s is %s there and %s here; give all workers the same recipe"
              .formatted(key.get().key(), key.get().other(), key.get().own()));
    }
    if (!other.batchSha256.equals(batchSha256)) {
      return Optional.of(
          "the first batch has SHA-256 %.12s... there and %.12s... here; give all workers the same data"
              .formatted(other.batchSha256, batchSha256));
    }
    if (!other.teacher.equals(teacher)) {
      return Optional.of(
          "it learns of %s, and this one of %s; give all workers the same teacher's file"
              .formatted(other.teacher, teacher));
    }
    return Optional.empty();
  }
}
