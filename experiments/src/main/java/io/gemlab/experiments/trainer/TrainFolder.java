package io.gemlab.experiments.trainer;

import io.gemlab.experiments.run.FolderLock;
import io.gemlab.graph.base.files.Leftovers;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.files.WholeFolder;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.path.product.RecordedProducts;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a training run has on disk, and whether a recipe may use it.
 *
 * @param out the run's
 */
record TrainFolder(Path out) {
  /** Whoever starts several workers keeps their logs here, before there is anything of the run. */
  static final String WORKER_LOGS = "workers";

  private static final String RECIPE = "recipe.yaml";
  private static final String CHECKPOINTS = "checkpoints";
  private static final String PROVENANCE = "provenance.pb";

  /** A line of JSON for each step. */
  Path metrics() {
    return out.resolve("metrics.jsonl");
  }

  /** A line of JSON for each point of the validation curve. */
  Path evaluations() {
    return out.resolve("evaluations.jsonl");
  }

  /** A line of JSON for each step that was looked into. */
  Path diagnostics() {
    return out.resolve("diagnostics.jsonl");
  }

  /** A line of JSON for each thing that happened to the run. */
  Path events() {
    return out.resolve("events.jsonl");
  }

  /** How fast the run's machine is. */
  Path machine() {
    return out.resolve("machine.json");
  }

  /** Every curve of the run, for other tools. */
  Path curves() {
    return out.resolve("curves.csv");
  }

  /** Folders by steps. */
  Path checkpoints() {
    return out.resolve(CHECKPOINTS);
  }

  /** The recipe as it was run. */
  Path recipe() {
    return out.resolve(RECIPE);
  }

  /**
   * Checks, and changes nothing, that a recipe may use the folder.
   *
   * @param resume whether to go on with what is there
   * @throws InvalidInput if it holds something else
   */
  void requireUsable(TrainRecipeFile file, boolean resume) {
    if (!resume) {
      if (isEmpty()) return;
      throw new InvalidInput(
          out + " is not empty; give --resume to go on with it, or another --out");
    }
    if (!Files.exists(recipe())) {
      throw new InvalidInput(out + " has no " + RECIPE + ": nothing to resume; leave out --resume");
    }
    if (isEmpty()) return;
    Optional<String> difference = file.difference(TrainRecipeFile.read(recipe(), List.of()));
    if (difference.isPresent()) {
      throw new InvalidInput(
          "%s was begun with another recipe: %s; resume with the recipe as it was, or name another --out"
              .formatted(out, difference.get()));
    }
  }

  /** Whether nothing is lost if a run begins here: a recipe alone is nothing done. */
  private boolean isEmpty() {
    Set<String> nothing = Set.of(RECIPE, WORKER_LOGS, FolderLock.FILE);
    if (WholeFolder.entry(out).isEmpty()) return true;
    try (Stream<Path> entries = Files.list(out)) {
      return entries.allMatch(
          entry ->
              nothing.contains(entry.getFileName().toString())
                  || RecordedProducts.FILES.contains(entry.getFileName().toString())
                  || Leftovers.isOne(entry));
    } catch (IOException e) {
      throw InvalidInput.unreadable(out, e);
    }
  }

  /** Whether a training run was begun in a folder. */
  static boolean isOne(Path folder) {
    return Files.exists(new TrainFolder(folder).metrics());
  }

  /**
   * Where the numbers of the process that ran last come from.
   *
   * @throws InvalidInput if that is not there
   */
  Provenance provenance() {
    try {
      return Provenance.parseFrom(Files.readAllBytes(out.resolve(PROVENANCE)));
    } catch (IOException e) {
      throw InvalidInput.unreadable(out.resolve(PROVENANCE), e);
    }
  }

  /** Makes a folder that {@link #requireUsable} let pass this recipe's. */
  void claim(TrainRecipeFile file, Provenance provenance) throws IOException {
    WholeFile.write(out.resolve(PROVENANCE), provenance.toByteArray());
    Leftovers.delete(out);
    Leftovers.delete(checkpoints());
    WholeFile.write(recipe(), file.text().getBytes(StandardCharsets.UTF_8));
  }
}
