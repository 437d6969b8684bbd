package io.gemlab.experiments.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.checkpoint.CheckpointKind;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.Parameter;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.weights.LoadProgress;
import io.gemlab.graph.weights.ModelWeights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The checkpoint that a run begins from and whose weights stay as they are where they are not
 * trained. A {@link RunState} refers to it by path and SHA-256 and holds none of these weights.
 */
public final class FrozenBase {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String FOLDER = "folder";
  private static final String SHA256 = "sha256";

  private final Path folder;
  private final Parameters parameters;
  private Map<String, String> hashes = Map.of();

  /**
   * @param folder the checkpoint's
   * @param parameters the model's, as the run keeps them
   */
  public FrozenBase(Path folder, Parameters parameters) {
    this.folder = folder;
    this.parameters = parameters;
  }

  /**
   * Loads all weights, as a run begins.
   *
   * @throws InvalidInput if the checkpoint can't be used
   */
  public void load(Executable executable, LoadProgress progress) {
    hashes = Sha256.byName(folder, CheckpointKind.requireReadable(folder).modelFiles());
    try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
      ModelWeights.load(checkpoint, parameters, executable, progress);
    }
  }

  /** The state that the frozen weights are kept in. */
  Set<String> states() {
    return parameters.frozen().stream()
        .map(Parameter::states)
        .flatMap(states -> states.stream().map(state -> state.name()))
        .collect(Collectors.toSet());
  }

  /** Path and hashes, as JSON. */
  String reference() {
    if (hashes.isEmpty()) throw new IllegalStateException(folder + " was not loaded");
    ObjectNode reference = JSON.createObjectNode();
    reference.put(FOLDER, folder.toAbsolutePath().normalize().toString());
    hashes.forEach(reference.putObject(SHA256)::put);
    return reference.toString();
  }

  /**
   * Loads the frozen weights, as a run goes on.
   *
   * @param reference what {@link #reference} gave when the state was saved
   * @param state the file that it stands in
   * @throws InvalidInput if a file of the checkpoint is gone or another than it was
   */
  void restore(String reference, Path state, Executable executable) {
    Map<String, String> expected = hashes(reference, state);
    expected.forEach((name, sha256) -> requireSame(folder.resolve(name), sha256, state));
    hashes = expected;
    try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
      ModelWeights.loadFrozen(checkpoint, parameters, executable, LoadProgress.IGNORED);
    }
  }

  private static void requireSame(Path file, String expected, Path state) {
    String remedy = "put that file back, or delete " + state + ", and the run begins again";
    if (!Files.exists(file)) {
      throw new InvalidInput(
          "%s is gone, and the unfinished run needs its weights (SHA-256 %s); %s"
              .formatted(file, expected, remedy));
    }
    String found = Sha256.of(file);
    if (!found.equals(expected)) {
      throw new InvalidInput(
          "%s has SHA-256 %s, and the unfinished run began from one with %s; %s"
              .formatted(file, found, expected, remedy));
    }
  }

  private static Map<String, String> hashes(String reference, Path state) {
    Map<String, String> hashes = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, JsonNode> file : JSON.readTree(reference).path(SHA256).properties()) {
        hashes.put(file.getKey(), file.getValue().asText());
      }
    } catch (JsonProcessingException e) {
      hashes.clear();
    }
    if (!hashes.isEmpty()) return hashes;
    throw new InvalidInput(
        state
            + " doesn't say which checkpoint its run began from; delete it, and the run begins again");
  }
}
