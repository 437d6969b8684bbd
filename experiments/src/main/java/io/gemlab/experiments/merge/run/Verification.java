package io.gemlab.experiments.merge.run;

import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What reading a merged model back came to.
 *
 * @param files of weights that were read
 * @param differing files whose content isn't what was written
 * @param changedInputs files of the models that are gone or no longer what they were
 */
public record Verification(int files, List<String> differing, List<String> changedInputs) {
  public Verification {
    differing = List.copyOf(differing);
    changedInputs = List.copyOf(changedInputs);
  }

  /** Whether a folder holds a merged model with its record. */
  public static boolean isPossible(Path folder) {
    return Files.exists(folder.resolve(MergeRecord.FILE));
  }

  /**
   * Reads a merged model back.
   *
   * @throws InvalidInput if it has no record, or is no checkpoint any more
   */
  public static Verification of(Path folder) {
    MergeRecord record =
        MergeRecord.in(folder)
            .filter(MergeRecord::isDone)
            .orElseThrow(
                () ->
                    new InvalidInput(
                        "%s has no %s: it is no merge of Gemlab's"
                            .formatted(folder, MergeRecord.FILE)));
    record.weights().keySet().stream()
        .map(file -> folder.resolve(file).getParent())
        .distinct()
        .forEach(model -> HfCheckpoint.open(model).close());
    List<String> differing = new ArrayList<>();
    record
        .weights()
        .forEach(
            (file, sha256) -> {
              if (!Sha256.of(folder.resolve(file)).equals(sha256)) differing.add(file);
            });
    return new Verification(record.weights().size(), differing, changed(record.inputs()));
  }

  private static List<String> changed(Map<String, String> inputs) {
    List<String> changed = new ArrayList<>();
    inputs.forEach(
        (file, sha256) -> {
          Path path = Path.of(file);
          if (!Files.exists(path) || !Sha256.of(path).equals(sha256)) changed.add(file);
        });
    return changed;
  }
}
