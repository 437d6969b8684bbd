package io.gemlab.graph.base.checkpoint;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.TensorShape;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A checkpoint folder as Hugging Face has it, open for reading: {@code config.json}, and the
 * weights in {@code model.safetensors} or in the shards that {@code model.safetensors.index.json}
 * lists; {@link CheckpointKind} says what is none.
 *
 * <p>Names are those of a causal language model: {@code model.} is put before the names of a model
 * that was saved without its head, and buffers of older versions are left out.
 *
 * <p>Opening reads the configuration and every shard's header; a shard is mapped when one of its
 * tensors is first asked for. Safe for use by several threads; segments are valid until {@link
 * #close}.
 *
 * <p>Gemma ties its output layer to the embedding. A checkpoint may hold the one matrix under the
 * head's name, {@code lm_head.weight}, or under both: then the head is left out of {@link #tensors}
 * if all its values are the embedding's, whatever its type, and the checkpoint refused if not.
 */
public final class HfCheckpoint implements AutoCloseable {
  private static final int NAMES_SHOWN = 3;

  private final Path folder;
  private final CheckpointFiles files;
  private final List<SafetensorsFile> shards = new ArrayList<>();
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, Stored> stored = new HashMap<>();

  /** Where a tensor lies, and what it is called there. */
  private record Stored(SafetensorsFile file, String name) {}

  private HfCheckpoint(Path folder) {
    this.folder = folder;
    this.files = readFiles(folder);
  }

  /**
   * Opens a folder and checks that its files agree.
   *
   * @throws InvalidInput if the folder is of a kind that is not read, a file is absent or damaged,
   *     or the index and the shards disagree
   */
  public static HfCheckpoint open(Path folder) {
    CheckpointKind.Readable kind = CheckpointKind.requireReadable(folder);
    HfCheckpoint checkpoint = new HfCheckpoint(folder);
    try {
      checkpoint.openShards(kind);
      checkpoint.tieHead();
      return checkpoint;
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  public Path folder() {
    return folder;
  }

  /** {@code config.json} and what else lies beside the weights. */
  public CheckpointFiles files() {
    return files;
  }

  /** Every tensor by its name, shard by shard, in the order of the data. */
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /**
   * Checks that the checkpoint has what a model wants.
   *
   * @param shapes every weight's shape by its name
   * @throws InvalidInput unless it has exactly these weights in these shapes, as floating-point
   *     numbers; it names the first few that are missing, unexpected, of another shape or of
   *     another type, and how many there are
   */
  public void requireExactly(Map<String, TensorShape> shapes) {
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    List<String> mistyped = new ArrayList<>();
    shapes.forEach(
        (name, shape) -> {
          TensorInfo tensor = tensors.get(name);
          if (tensor == null) missing.add(name);
          else if (!tensor.shape().equals(shape)) {
            misshapen.add("%s %s instead of %s".formatted(name, tensor.shape(), shape));
          } else if (!FloatConversion.READ.contains(tensor.type())) {
            mistyped.add(name + " " + tensor.type());
          }
        });
    List<String> unexpected =
        tensors.keySet().stream().filter(name -> !shapes.containsKey(name)).toList();
    List<String> problems = new ArrayList<>();
    describe(problems, "missing", missing);
    describe(problems, "of another shape", misshapen);
    describe(problems, "unexpected", unexpected);
    describe(problems, "of a type that weights are not read from", mistyped);
    if (problems.isEmpty()) return;
    throw new InvalidInput(
        "%s does not hold the weights that its configuration asks for: %s; check config.json"
            .formatted(folder, String.join("; ", problems)));
  }

  private static void describe(List<String> problems, String what, List<String> names) {
    if (names.isEmpty()) return;
    List<String> first = names.subList(0, Math.min(NAMES_SHOWN, names.size()));
    String more = names.size() > NAMES_SHOWN ? ", ..." : "";
    problems.add("%d %s (%s%s)".formatted(names.size(), what, String.join(", ", first), more));
  }

  /**
   * The bytes of a tensor, mapped: read-only, little-endian, not aligned.
   *
   * @throws InvalidInput if there is no such tensor
   */
  public MemorySegment segment(String name) {
    Stored tensor = stored(name);
    return tensor.file().segment(tensor.name());
  }

  /**
   * Copies a tensor's values as float32.
   *
   * @param target 4 bytes an element: float32, little-endian
   * @throws InvalidInput if there is no such tensor, or it doesn't hold floating-point numbers
   */
  public void readFloat32(String name, MemorySegment target) {
    Stored tensor = stored(name);
    tensor.file().readFloat32(tensor.name(), target);
  }

  /**
   * A tensor's values as float32.
   *
   * @return valid until {@link #close}
   * @throws InvalidInput if there is no such tensor, or it doesn't hold floating-point numbers
   */
  public Float32Tensor float32(String name) {
    Stored tensor = stored(name);
    return tensor.file().float32(tensor.name());
  }

  /** Unmaps the weights: their segments can't be used any more. */
  @Override
  public void close() {
    shards.forEach(SafetensorsFile::close);
  }

  private Stored stored(String name) {
    Stored tensor = stored.get(name);
    if (tensor == null) {
      throw new InvalidInput(
          "%s has no tensor %s among its %d: is this the right checkpoint?"
              .formatted(folder, shown(name), tensors.size()));
    }
    return tensor;
  }

  private static CheckpointFiles readFiles(Path folder) {
    Map<String, Path> tokenizerFiles =
        FolderLayout.TOKENIZER_FILES.stream()
            .filter(name -> Files.isRegularFile(folder.resolve(name)))
            .collect(Collectors.toMap(name -> name, folder::resolve));
    ObjectNode config = JsonFile.readPython(folder.resolve(FolderLayout.CONFIG));
    return new CheckpointFiles(config, generationConfig(folder), tokenizerFiles);
  }

  /** An empty file counts as none, as Hugging Face has it. */
  private static Optional<ObjectNode> generationConfig(Path folder) {
    Path file = folder.resolve(FolderLayout.GENERATION_CONFIG);
    boolean isAbsent = !Files.exists(file) || file.toFile().length() == 0;
    return isAbsent ? Optional.empty() : Optional.of(JsonFile.readPython(file));
  }

  private void openShards(CheckpointKind.Readable kind) {
    switch (kind) {
      case CheckpointKind.SingleFile single -> add(SafetensorsFile.open(single.file()));
      case CheckpointKind.Sharded sharded -> {
        ShardIndex index = ShardIndex.read(sharded.index());
        index
            .shards()
            .forEach(
                (fileName, names) -> {
                  SafetensorsFile shard = SafetensorsFile.open(folder.resolve(fileName));
                  add(shard);
                  index.requireExactly(names, shard);
                });
      }
    }
  }

  private void add(SafetensorsFile shard) {
    shards.add(shard);
    shard
        .tensors()
        .forEach(
            (storedName, tensor) ->
                TensorNames.canonical(storedName)
                    .ifPresent(name -> add(name, tensor, new Stored(shard, storedName))));
  }

  private void add(String name, TensorInfo tensor, Stored where) {
    Stored other = stored.putIfAbsent(name, where);
    if (other != null) {
      throw new InvalidInput(
          "%s holds %s twice: as %s in %s and as %s in %s; write it again"
              .formatted(
                  folder,
                  shown(name),
                  shown(other.name()),
                  other.file().path().getFileName(),
                  shown(where.name()),
                  where.file().path().getFileName()));
    }
    tensors.put(name, tensor.named(name));
  }

  /** Makes of an embedding and a head, or of a head alone, the one embedding. */
  private void tieHead() {
    TensorInfo head = tensors.get(TensorNames.LM_HEAD);
    if (head == null) return;
    TensorInfo embedding = tensors.get(TensorNames.EMBED_TOKENS);
    if (embedding == null) {
      tensors.put(TensorNames.EMBED_TOKENS, head.named(TensorNames.EMBED_TOKENS));
      stored.put(TensorNames.EMBED_TOKENS, stored.get(TensorNames.LM_HEAD));
    } else {
      requireEqual(head, embedding);
    }
    tensors.remove(TensorNames.LM_HEAD);
    stored.remove(TensorNames.LM_HEAD);
  }

  private void requireEqual(TensorInfo head, TensorInfo embedding) {
    String difference;
    if (!head.shape().equals(embedding.shape())) {
      difference = "";
    } else if (head.type() == embedding.type()
        && segment(head.name()).mismatch(segment(embedding.name())) < 0) {
      return;
    } else {
      double largest =
          LargestDifference.of(
              float32(head.name()).stream(), float32(embedding.name()).stream(), head.elements());
      if (largest == 0) return;
      difference = ", by up to " + (float) largest;
    }
    throw new InvalidInput(
        "%s: %s (%s %s) differs from %s (%s %s)%s, but Gemma ties them: this is no Gemma, or its head was trained apart"
            .formatted(
                folder,
                TensorNames.LM_HEAD,
                head.type(),
                head.shape(),
                TensorNames.EMBED_TOKENS,
                embedding.type(),
                embedding.shape(),
                difference));
  }
}
