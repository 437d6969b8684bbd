package io.gemlab.graph.checkpoint;

import static io.gemlab.graph.InvalidInput.shown;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.InvalidInput;
import io.gemlab.graph.JsonFile;
import io.gemlab.graph.tensor.TensorShape;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A checkpoint folder as Hugging Face has it, open for reading: {@code config.json}, and the
 * weights in {@code model.safetensors} or in the shards that {@code model.safetensors.index.json}
 * lists.
 *
 * <p>Opening reads the configuration and every shard's header; a shard is mapped when one of its
 * tensors is first asked for. Safe for use by several threads; segments are valid until {@link
 * #close}.
 *
 * <p>Gemma 2 ties its output layer to the embedding. Some checkpoints store it all the same, as
 * {@code lm_head.weight}: then it is left out of {@link #tensors} if it is the embedding, and the
 * checkpoint refused if it is not. That is decided on type, shape and evenly spread samples of at
 * most 2 MiB, which tell a copy from a head that was trained apart without reading gigabytes.
 */
public final class HfCheckpoint implements AutoCloseable {
  static final String EMBED_TOKENS = "model.embed_tokens.weight";
  static final String LM_HEAD = "lm_head.weight";

  private static final int NAMES_SHOWN = 3;
  private static final int SAMPLES = 512;
  private static final int SAMPLE_BYTES = 4096;

  private final Path folder;
  private final CheckpointFiles files;
  private final List<SafetensorsFile> shards = new ArrayList<>();
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, SafetensorsFile> holders = new LinkedHashMap<>();

  private HfCheckpoint(Path folder) {
    this.folder = folder;
    this.files = readFiles(folder);
  }

  /**
   * Opens a folder and checks that its files agree.
   *
   * @throws InvalidInput if a file is absent or damaged, or the index and the shards disagree
   */
  public static HfCheckpoint open(Path folder) {
    HfCheckpoint checkpoint = new HfCheckpoint(folder);
    try {
      checkpoint.openShards();
      checkpoint.untieHead();
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
   * @throws InvalidInput unless it has exactly these weights in these shapes; it names the first
   *     few that are missing, unexpected or of another shape, and how many there are
   */
  public void requireExactly(Map<String, TensorShape> shapes) {
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    shapes.forEach(
        (name, shape) -> {
          TensorInfo tensor = tensors.get(name);
          if (tensor == null) missing.add(name);
          else if (!tensor.shape().equals(shape)) {
            misshapen.add("%s %s instead of %s".formatted(name, tensor.shape(), shape));
          }
        });
    List<String> unexpected =
        tensors.keySet().stream().filter(name -> !shapes.containsKey(name)).toList();
    List<String> problems = new ArrayList<>();
    describe(problems, "missing", missing);
    describe(problems, "of another shape", misshapen);
    describe(problems, "unexpected", unexpected);
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
    return holder(name).segment(name);
  }

  /**
   * Copies a tensor's values as float32.
   *
   * @param target 4 bytes an element: float32, little-endian
   * @throws InvalidInput if there is no such tensor, or it doesn't hold floating-point numbers
   */
  public void readFloat32(String name, MemorySegment target) {
    holder(name).readFloat32(name, target);
  }

  /**
   * A tensor's values as float32, to be read piece by piece.
   *
   * @return safe for several threads; valid until {@link #close}
   * @throws InvalidInput if there is no such tensor, or it doesn't hold floating-point numbers
   */
  public Float32Source float32(String name) {
    return holder(name).float32(name);
  }

  /** Unmaps the weights: their segments can't be used any more. */
  @Override
  public void close() {
    shards.forEach(SafetensorsFile::close);
  }

  private SafetensorsFile holder(String name) {
    SafetensorsFile holder = holders.get(name);
    if (holder == null) {
      throw new InvalidInput(
          "%s has no tensor %s among its %d: is this the right checkpoint?"
              .formatted(folder, shown(name), tensors.size()));
    }
    return holder;
  }

  private static CheckpointFiles readFiles(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new InvalidInput(
          folder + " is not a folder: name one with config.json and model.safetensors in it");
    }
    Path generation = folder.resolve(FolderLayout.GENERATION_CONFIG);
    Optional<ObjectNode> generationConfig =
        Files.exists(generation) ? Optional.of(JsonFile.readObject(generation)) : Optional.empty();
    Map<String, Path> tokenizerFiles =
        FolderLayout.TOKENIZER_FILES.stream()
            .filter(name -> Files.isRegularFile(folder.resolve(name)))
            .collect(Collectors.toMap(name -> name, folder::resolve));
    ObjectNode config = JsonFile.readObject(folder.resolve(FolderLayout.CONFIG));
    return new CheckpointFiles(config, generationConfig, tokenizerFiles);
  }

  private void openShards() {
    Path single = folder.resolve(FolderLayout.SINGLE);
    Path indexFile = folder.resolve(FolderLayout.INDEX);
    boolean hasIndex = Files.exists(indexFile);
    if (Files.exists(single) == hasIndex) {
      throw new InvalidInput(
          "%s has %s %s and %s: exactly one of them is wanted"
              .formatted(
                  folder,
                  hasIndex ? "both" : "neither of",
                  FolderLayout.SINGLE,
                  FolderLayout.INDEX));
    }
    if (!hasIndex) {
      add(SafetensorsFile.open(single));
      return;
    }
    ShardIndex index = ShardIndex.read(indexFile);
    index
        .shards()
        .forEach(
            (fileName, names) -> {
              SafetensorsFile shard = SafetensorsFile.open(folder.resolve(fileName));
              add(shard);
              index.requireExactly(names, shard);
            });
  }

  private void add(SafetensorsFile shard) {
    shards.add(shard);
    tensors.putAll(shard.tensors());
    shard.tensors().keySet().forEach(name -> holders.put(name, shard));
  }

  private void untieHead() {
    TensorInfo head = tensors.get(LM_HEAD);
    TensorInfo embedding = tensors.get(EMBED_TOKENS);
    if (head == null || embedding == null) return;
    if (head.type() != embedding.type()
        || !head.shape().equals(embedding.shape())
        || !sampledEqual(segment(LM_HEAD), segment(EMBED_TOKENS))) {
      throw new InvalidInput(
          "%s: %s (%s %s) is not %s (%s %s), but Gemma 2 ties them: this is not a Gemma 2 checkpoint"
              .formatted(
                  folder,
                  LM_HEAD,
                  head.type(),
                  head.shape(),
                  EMBED_TOKENS,
                  embedding.type(),
                  embedding.shape()));
    }
    tensors.remove(LM_HEAD);
    holders.remove(LM_HEAD);
  }

  private static boolean sampledEqual(MemorySegment one, MemorySegment other) {
    long step = Math.max(SAMPLE_BYTES, one.byteSize() / SAMPLES);
    for (long from = 0; from < one.byteSize(); from += step) {
      long bytes = Math.min(SAMPLE_BYTES, one.byteSize() - from);
      if (one.asSlice(from, bytes).mismatch(other.asSlice(from, bytes)) >= 0) return false;
    }
    return true;
  }
}
