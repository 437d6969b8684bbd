package io.gemlab.graph.base.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.files.WholeFolder;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes checkpoint folders that Hugging Face's loaders take: one {@code model.safetensors}, or
 * shards {@code model-00001-of-00004.safetensors} with an index.
 *
 * <p>The folder is written beside its place and renamed into it, so it is there whole or not at
 * all; what is there when the process is told to end is deleted.
 */
public final class HfCheckpointWriter {
  /** Data bytes of a shard, as Hugging Face cuts them. */
  public static final long SHARD_BYTES = 5_000_000_000L;

  /** Writes a shard, or finds it written. */
  @FunctionalInterface
  public interface ShardWriter {
    void write(Path file, List<TensorToWrite> tensors);
  }

  private static final Map<ElementType, String> TORCH_NAMES =
      Map.of(ElementType.F32, "float32", ElementType.BF16, "bfloat16", ElementType.F16, "float16");

  private HfCheckpointWriter() {}

  /**
   * Writes a checkpoint.
   *
   * @param folder where; it must not exist, or be empty
   * @param files what lies beside the weights
   * @param weights the tensors; shards are filled in this order
   * @param maxShardBytes data bytes that a shard holds at most, unless a single tensor has more
   * @throws InvalidInput if {@code folder} is taken
   * @throws UncheckedIOException if the disk fails or is full; nothing is left behind
   */
  public static void write(
      Path folder, CheckpointFiles files, List<TensorToWrite> weights, long maxShardBytes) {
    if (weights.isEmpty() || maxShardBytes <= 0) {
      throw new IllegalArgumentException(
          "%d weights in shards of %d bytes can't be written"
              .formatted(weights.size(), maxShardBytes));
    }
    try (WholeFolder whole = WholeFolder.begin(folder)) {
      fill(whole.path(), files, weights, maxShardBytes, HfCheckpointWriter::writeShard);
      whole.keep();
    } catch (IOException e) {
      throw new UncheckedIOException("Writing " + folder, e);
    }
  }

  /**
   * Fills a folder that the caller keeps or deletes. What is there already is replaced, but for
   * shards: of these {@code shards} decides.
   *
   * @throws IOException if the disk fails or is full
   */
  public static void fill(
      Path folder,
      CheckpointFiles files,
      List<TensorToWrite> weights,
      long maxShardBytes,
      ShardWriter shards)
      throws IOException {
    writeFiles(folder, files, weights);
    writeWeights(folder, weights, maxShardBytes, shards);
  }

  private static void writeFiles(Path folder, CheckpointFiles files, List<TensorToWrite> weights)
      throws IOException {
    HfJson.write(folder.resolve(FolderLayout.CONFIG), withType(files.config(), weights));
    if (files.generationConfig().isPresent()) {
      HfJson.write(folder.resolve(FolderLayout.GENERATION_CONFIG), files.generationConfig().get());
    }
    for (Map.Entry<String, Path> file : files.companions().entrySet()) {
      Files.copy(
          file.getValue(), folder.resolve(file.getKey()), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The configuration with the weights' type, in whichever of its two spellings it uses. */
  private static ObjectNode withType(ObjectNode config, List<TensorToWrite> weights) {
    List<ElementType> types = weights.stream().map(TensorToWrite::type).distinct().toList();
    if (types.size() != 1) return config;
    String name = TORCH_NAMES.get(types.getFirst());
    if (config.has("dtype")) config.put("dtype", name);
    // transformers before 4.56 know this spelling only, and newer ones read it too.
    if (config.has("torch_dtype") || !config.has("dtype")) config.put("torch_dtype", name);
    return config;
  }

  private static void writeWeights(
      Path folder, List<TensorToWrite> weights, long maxShardBytes, ShardWriter writer)
      throws IOException {
    List<List<TensorToWrite>> shards = shards(weights, maxShardBytes);
    if (shards.size() == 1) {
      writer.write(folder.resolve(FolderLayout.SINGLE), weights);
      return;
    }
    Map<String, String> weightMap = new TreeMap<>();
    for (int i = 0; i < shards.size(); i++) {
      String name = FolderLayout.shard(i + 1, shards.size());
      writer.write(folder.resolve(name), shards.get(i));
      for (TensorToWrite tensor : shards.get(i)) {
        if (weightMap.put(tensor.name(), name) != null) {
          throw new IllegalArgumentException("Two tensors are called " + tensor.name());
        }
      }
    }
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index
        .putObject("metadata")
        .put("total_size", weights.stream().mapToLong(TensorToWrite::byteSize).sum());
    ObjectNode map = index.putObject("weight_map");
    weightMap.forEach(map::put);
    HfJson.write(folder.resolve(FolderLayout.INDEX), index);
  }

  private static void writeShard(Path file, List<TensorToWrite> tensors) {
    SafetensorsWriter.write(file, tensors, HfJson.FILE_METADATA);
  }

  private static List<List<TensorToWrite>> shards(List<TensorToWrite> weights, long maxBytes) {
    List<List<TensorToWrite>> shards = new ArrayList<>();
    long bytes = 0;
    for (TensorToWrite tensor : weights) {
      if (shards.isEmpty() || bytes + tensor.byteSize() > maxBytes) {
        shards.add(new ArrayList<>());
        bytes = 0;
      }
      shards.getLast().add(tensor);
      bytes += tensor.byteSize();
    }
    return shards;
  }
}
