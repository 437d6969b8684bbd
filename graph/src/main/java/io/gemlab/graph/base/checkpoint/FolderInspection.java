package io.gemlab.graph.base.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.gemlab.graph.base.input.GitLfs;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds out what {@link CheckpointKind} a folder is: the cheapest look first. */
final class FolderInspection {
  private static final String SAFETENSORS = ".safetensors";

  /** Names of files or tensors, and what they tell. */
  private record Sign(Pattern names, String meaning) {
    Sign(String names, String meaning) {
      this(Pattern.compile(names), meaning);
    }

    boolean fits(String name) {
      return names.matcher(name).matches();
    }
  }

  private static final List<Sign> OTHER_FORMATS =
      List.of(
          new Sign("pytorch_model.*\\.bin(\\.index\\.json)?", "PyTorch's pickle"),
          new Sign(".*\\.(pt|pth|ckpt)", "PyTorch's pickle"),
          new Sign(".*\\.gguf", "GGUF"),
          new Sign(".*\\.distcp", "PyTorch's distributed checkpoint"),
          new Sign(".*\\.msgpack", "Flax's msgpack"),
          new Sign(".*\\.h5", "Keras's HDF5"));

  /** Heads that score whole texts: Hugging Face's classifiers, TRL's value heads. */
  private static final Pattern SCORING_HEAD = Pattern.compile("score\\.weight|v_head\\..*weight");

  /** What quantizers put beside a matrix, or in its place. */
  private static final List<Sign> QUANTIZERS =
      List.of(
          new Sign(".*\\.(qweight|qzeros|g_idx)", "gptq or awq"),
          new Sign(".*\\.(absmax|quant_map|SCB|weight_format)", "bitsandbytes"),
          new Sign(".*\\.weight_(scale|scale_inv|packed)", "fp8 or compressed-tensors"),
          new Sign(".*\\.(scales|biases)", "mlx"));

  private final Path folder;

  FolderInspection(Path folder) {
    this.folder = folder;
  }

  CheckpointKind kind() {
    if (!Files.isDirectory(folder)) return new CheckpointKind.NoFolder(Files.exists(folder));
    return cache()
        .or(this::brokenLink)
        .or(this::pointer)
        .or(this::adapter)
        .orElseGet(this::weights);
  }

  private Optional<CheckpointKind> cache() {
    List<Path> models =
        entries(folder, path -> path.getFileName().toString().startsWith("models--"));
    Path snapshots = folder.resolve("snapshots");
    boolean isModel = Files.isDirectory(snapshots) && !isThere(FolderLayout.CONFIG);
    if (!isModel && models.isEmpty()) return Optional.empty();
    return Optional.of(
        new CheckpointKind.CacheRoot(
            isModel
                ? entries(snapshots, Files::isDirectory)
                : models.stream()
                    .flatMap(model -> entries(model.resolve("snapshots"), _ -> true).stream())
                    .toList()));
  }

  private Optional<CheckpointKind> brokenLink() {
    return entries(folder, this::isNeeded).stream()
        .filter(path -> Files.isSymbolicLink(path) && !Files.exists(path))
        .findFirst()
        .map(link -> new CheckpointKind.BrokenLink(link, InvalidInput.linkTarget(link)));
  }

  private Optional<CheckpointKind> pointer() {
    return entries(folder, this::isNeeded).stream()
        .filter(GitLfs::isPointer)
        .findFirst()
        .map(CheckpointKind.LfsPointer::new);
  }

  private Optional<CheckpointKind> adapter() {
    boolean hasConfig = isThere(FolderLayout.ADAPTER_CONFIG);
    if (!hasConfig && !isThere(FolderLayout.ADAPTER_WEIGHTS) && !isThere("adapter_model.bin")) {
      return Optional.empty();
    }
    JsonNode config =
        hasConfig
            ? JsonFile.readPython(folder.resolve(FolderLayout.ADAPTER_CONFIG))
            : MissingNode.getInstance();
    return Optional.of(
        new CheckpointKind.Adapter(
            Optional.ofNullable(config.path("base_model_name_or_path").textValue()),
            isThere(FolderLayout.SINGLE) || isThere(FolderLayout.INDEX)));
  }

  private CheckpointKind weights() {
    boolean hasSingle = isThere(FolderLayout.SINGLE);
    Path single = folder.resolve(FolderLayout.SINGLE);
    Path indexFile = folder.resolve(FolderLayout.INDEX);
    if (!isThere(FolderLayout.INDEX)) return hasSingle ? single(single) : noSafetensors();
    ShardIndex index = ShardIndex.read(indexFile);
    Set<String> shards = index.shards().keySet();
    if (!hasSingle) {
      return unreadable(index.weightMap().keySet())
          .orElse(new CheckpointKind.Sharded(indexFile, List.copyOf(shards)));
    }
    // An index that is left over from shards that are gone is as none, as Hugging Face has it.
    return shards.stream()
        .filter(shard -> !shard.equals(FolderLayout.SINGLE) && isThere(shard))
        .findFirst()
        .<CheckpointKind>map(CheckpointKind.TwoModels::new)
        .orElseGet(() -> single(single));
  }

  private CheckpointKind single(Path file) {
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      return unreadable(opened.tensors().keySet()).orElse(new CheckpointKind.SingleFile(file));
    }
  }

  private CheckpointKind noSafetensors() {
    List<Path> files = entries(folder, Files::isRegularFile);
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (name.endsWith(SAFETENSORS)) return new CheckpointKind.NoIndex(file);
      Optional<Sign> format = OTHER_FORMATS.stream().filter(sign -> sign.fits(name)).findFirst();
      if (format.isPresent()) return new CheckpointKind.OtherFormat(file, format.get().meaning());
    }
    Path last = folder.resolve(FolderLayout.LAST_CHECKPOINT);
    return Files.isDirectory(last)
        ? new CheckpointKind.TrainingRun(last)
        : new CheckpointKind.NoWeights();
  }

  /** What {@code config.json} and the names of tensors tell against a model. */
  private Optional<CheckpointKind> unreadable(Set<String> names) {
    if (names.stream().anyMatch(name -> name.contains(".lora_A."))) {
      return Optional.of(new CheckpointKind.Adapter(Optional.empty(), false));
    }
    return quantized(names).or(() -> scoringHead(names)).or(() -> wrapped(names));
  }

  private Optional<CheckpointKind> quantized(Set<String> names) {
    Optional<String> byName =
        QUANTIZERS.stream()
            .filter(quantizer -> names.stream().anyMatch(quantizer::fits))
            .map(Sign::meaning)
            .findFirst();
    return quantizationMethod()
        .or(() -> byName)
        .map(method -> new CheckpointKind.Quantized(method, byName.isEmpty()));
  }

  /** The quantizer in {@code config.json}: Hugging Face's key, or MLX's. */
  private Optional<String> quantizationMethod() {
    JsonNode config = JsonFile.readPython(folder.resolve(FolderLayout.CONFIG));
    JsonNode quantization = config.path("quantization_config");
    if (quantization.isEmpty() && !config.path("quantization").isEmpty()) {
      return Optional.of("mlx" + bits(config.path("quantization")));
    }
    // An empty one says nothing.
    if (quantization.isEmpty()) return Optional.empty();
    // Only bitsandbytes' configurations came without the method's name, in older versions.
    String unnamed =
        quantization.has("load_in_4bit") || quantization.has("load_in_8bit")
            ? "bitsandbytes"
            : "quant_method not given";
    return Optional.of(quantization.path("quant_method").asText(unnamed) + bits(quantization));
  }

  private static String bits(JsonNode quantization) {
    if (quantization.path("load_in_4bit").asBoolean()) return ", 4 bits";
    if (quantization.path("load_in_8bit").asBoolean()) return ", 8 bits";
    return quantization.path("bits").isInt()
        ? ", %d bits".formatted(quantization.path("bits").asInt())
        : "";
  }

  private static Optional<CheckpointKind> scoringHead(Set<String> names) {
    return names.stream()
        .filter(SCORING_HEAD.asMatchPredicate())
        .findFirst()
        .map(CheckpointKind.RewardModel::new);
  }

  /** What stands before the name that a layer's tensor would have, if all names begin with it. */
  private static Optional<CheckpointKind> wrapped(Set<String> names) {
    return names.stream()
        .filter(name -> name.contains("layers."))
        .findFirst()
        .map(name -> name.substring(0, name.indexOf("layers.")))
        .map(
            prefix ->
                ("." + prefix).endsWith("." + TensorNames.BASE)
                    ? prefix.substring(0, prefix.length() - TensorNames.BASE.length())
                    : prefix)
        .filter(prefix -> !prefix.isEmpty())
        .filter(prefix -> names.stream().allMatch(name -> name.startsWith(prefix)))
        .map(CheckpointKind.Wrapped::new);
  }

  private boolean isNeeded(Path path) {
    String name = path.getFileName().toString();
    return name.endsWith(SAFETENSORS)
        || name.equals(FolderLayout.INDEX)
        || name.equals(FolderLayout.CONFIG)
        || name.equals(FolderLayout.GENERATION_CONFIG);
  }

  private boolean isThere(String name) {
    return Files.exists(folder.resolve(name), LinkOption.NOFOLLOW_LINKS);
  }

  /** What lies in a folder, sorted, so that messages don't change from machine to machine. */
  private static List<Path> entries(Path folder, Predicate<Path> which) {
    if (!Files.isDirectory(folder)) return List.of();
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(which).sorted().toList();
    } catch (IOException e) {
      throw InvalidInput.unreadable(folder, e);
    }
  }
}
