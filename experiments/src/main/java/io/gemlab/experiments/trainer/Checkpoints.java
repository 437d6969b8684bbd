package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.train.FrozenBase;
import io.gemlab.experiments.train.Resumable;
import io.gemlab.experiments.train.RunState;
import io.gemlab.graph.base.adapter.Lora;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.files.TemporaryFolder;
import io.gemlab.graph.base.files.WholeFolder;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.weights.ModelWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The checkpoints of a run: folders {@code step-N} that Hugging Face's loaders take, or PEFT's
 * where an adapter is trained, with the state that a run goes on from in {@code training/}, and the
 * SHA-256 of every file in {@code checkpoint.json}. {@code last} is a link to the newest.
 *
 * @param folder of all of them
 * @param kept the state that a run goes on from
 * @param parameters the model's
 * @param files what lies beside the weights
 * @param adapter whose an adapter's are; empty where the model itself is trained
 * @param stored the type of the weights
 * @param keep how many of the newest stay
 */
record Checkpoints(
    Path folder,
    List<TensorSpec> kept,
    Parameters parameters,
    CheckpointFiles files,
    Optional<Adapter> adapter,
    ElementType stored,
    int keep) {
  /**
   * What an adapter's checkpoints say of it.
   *
   * @param name of the model that it is of
   * @param base its frozen weights
   */
  record Adapter(Lora lora, String name, FrozenBase base) {}

  private static final JsonMapper JSON = new JsonMapper();
  private static final String PREFIX = "step-";
  private static final String DAMAGED = "damaged-";
  private static final String LAST = "last";
  private static final String MANIFEST = "checkpoint.json";
  private static final String STATE = "training/state.safetensors";
  private static final String SHA256 = "sha256";
  private static final String EMA = "ema";

  /** The folders there are, by their steps, the newest first. */
  List<Path> newestFirst() {
    return newestFirst(folder);
  }

  static List<Path> newestFirst(Path folder) {
    if (!Files.isDirectory(folder)) return List.of();
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> path.getFileName().toString().matches(PREFIX + "\\d+"))
          .sorted(Comparator.comparingInt(Checkpoints::steps).reversed())
          .toList();
    } catch (IOException e) {
      throw InvalidInput.unreadable(folder, e);
    }
  }

  /** The steps that were done when a checkpoint was written. */
  static int steps(Path checkpoint) {
    return Integer.parseInt(checkpoint.getFileName().toString().substring(PREFIX.length()));
  }

  /**
   * Writes a checkpoint and deletes those that are not to stay. One that is there is of the same
   * run and the same step, and stays as it is.
   *
   * @param states the pieces of a state by its name
   * @param parts what hooks keep
   * @param steps steps done
   * @return its folder
   * @throws UncheckedIOException if the disk fails or is full; earlier ones are still there
   */
  Path write(Function<String, List<TensorPiece>> states, List<Resumable> parts, int steps) {
    Path place = folder.resolve(PREFIX + steps);
    try {
      if (!Files.exists(place)) write(place, states, parts, steps);
      link(place);
      List<Path> all = newestFirst();
      for (Path old : all.subList(Math.min(keep, all.size()), all.size()))
        new TemporaryFolder(old).close();
      return place;
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + place, e);
    }
  }

  private void write(
      Path place, Function<String, List<TensorPiece>> states, List<Resumable> parts, int steps)
      throws IOException {
    Files.createDirectories(folder);
    try (WholeFolder whole = WholeFolder.begin(place)) {
      save(states, whole.path());
      if (hasMean()) {
        save(name -> states.apply(TrainStep.ema(name)), whole.path().resolve(EMA));
      }
      state(whole.path(), parts).save(states, steps);
      ObjectNode manifest = JSON.createObjectNode().put(JsonLog.STEP, steps);
      Sha256.byName(whole.path(), filesIn(whole.path())).forEach(manifest.putObject(SHA256)::put);
      Files.writeString(
          whole.path().resolve(MANIFEST),
          JSON.writerWithDefaultPrettyPrinter().writeValueAsString(manifest) + "\n");
      whole.keep();
    }
  }

  private void save(Function<String, List<TensorPiece>> weights, Path place) throws IOException {
    if (adapter.isPresent()) {
      ModelWeights.saveAdapter(
          weights, parameters, adapter.get().lora(), adapter.get().name(), place);
      // Beside an adapter too, as transformers' Trainer saves it: what serves one looks there.
      for (Map.Entry<String, Path> file : files.companions().entrySet()) {
        Files.copy(file.getValue(), place.resolve(file.getKey()));
      }
    } else {
      ModelWeights.save(weights, parameters, stored, files, place);
    }
  }

  /** Whether the run keeps a running mean of its weights. */
  private boolean hasMean() {
    String first = TrainStep.ema(parameters.trained().getFirst().name());
    return kept.stream().anyMatch(state -> state.name().equals(first));
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private RunState state(Path checkpoint, List<Resumable> parts) {
    return new RunState(checkpoint.resolve(STATE), kept, adapter.map(Adapter::base), parts);
  }

  private void link(Path place) throws IOException {
    Path link = folder.resolve(LAST);
    Path beside = folder.resolve("." + LAST + ".new");
    Files.deleteIfExists(beside);
    Files.createSymbolicLink(beside, place.getFileName());
    Files.move(beside, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Puts the newest checkpoint that is whole into an executable. One that is damaged is renamed,
   * and the one before is taken.
   *
   * @param parts what hooks keep
   * @param said hears of it
   * @return steps done; empty where there is no checkpoint, and nothing is assigned
   */
  OptionalInt restore(Executable executable, List<Resumable> parts, Consumer<String> said) {
    for (Path checkpoint : newestFirst()) {
      Optional<String> damage = damage(checkpoint);
      if (damage.isEmpty()) return OptionalInt.of(state(checkpoint, parts).restore(executable));
      Path aside = aside(checkpoint);
      said.accept(
          "%s is damaged: %s; it is %s now, and the run goes on from the checkpoint before"
              .formatted(checkpoint, damage.get(), aside.getFileName()));
    }
    return OptionalInt.empty();
  }

  private Path aside(Path checkpoint) {
    String name = DAMAGED + checkpoint.getFileName();
    Path aside = folder.resolve(name);
    for (int i = 2; Files.exists(aside); i++) aside = folder.resolve(name + "-" + i);
    try {
      return Files.move(checkpoint, aside);
    } catch (IOException e) {
      throw new UncheckedIOException("renaming " + checkpoint, e);
    }
  }

  /** What is wrong with a checkpoint; empty where every file is what was written. */
  private static Optional<String> damage(Path checkpoint) {
    Path manifest = checkpoint.resolve(MANIFEST);
    JsonNode hashes;
    try {
      hashes = JsonFile.readObject(manifest).path(SHA256);
    } catch (InvalidInput e) {
      return Optional.of(e.getMessage());
    }
    if (hashes.isEmpty()) return Optional.of(MANIFEST + " lists no files");
    for (Map.Entry<String, JsonNode> file : hashes.properties()) {
      Path path = checkpoint.resolve(file.getKey());
      if (!Files.exists(path)) return Optional.of(file.getKey() + " is missing");
      String found = Sha256.of(path);
      if (!found.equals(file.getValue().asText())) {
        return Optional.of(
            "%s has SHA-256 %s... and was written with %s..."
                .formatted(
                    file.getKey(),
                    found.substring(0, 12),
                    file.getValue().asText().substring(0, 12)));
      }
    }
    return Optional.empty();
  }
}
