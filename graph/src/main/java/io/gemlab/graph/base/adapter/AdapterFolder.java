package io.gemlab.graph.base.adapter;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.checkpoint.FolderLayout;
import io.gemlab.graph.base.checkpoint.HfJson;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.checkpoint.SafetensorsWriter;
import io.gemlab.graph.base.checkpoint.TensorInfo;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.files.WholeFolder;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A folder with an adapter as PEFT has it: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}, whose tensors are called as the weights they belong to, with {@code
 * base_model.model.} before.
 *
 * <p>What it holds is checked when it is opened: two factors of the configuration's rank for each
 * weight, finite, of projections only.
 */
public final class AdapterFolder implements AutoCloseable {
  private static final String PREFIX = "base_model.model.";

  private final Path folder;
  private final SafetensorsFile file;
  private final Optional<String> baseModel;
  private final Lora lora;
  private final Map<String, String> stored = new TreeMap<>();
  private final Set<String> weights;

  private AdapterFolder(Path folder, AdapterJson json, SafetensorsFile file) {
    this.folder = folder;
    this.file = file;
    this.baseModel = json.baseModel();
    file.tensors().values().forEach(this::add);
    Map<String, Integer> factors = new TreeMap<>();
    stored.forEach((name, _) -> factors.merge(weightOf(name), 1, Integer::sum));
    factors.forEach((weight, count) -> requirePair(weight, count, json.rank()));
    this.weights = Collections.unmodifiableSet(factors.keySet());
    this.lora =
        new Lora(json.rank(), json.alpha(), weights.stream().map(AdapterFolder::module).toList());
  }

  /**
   * Opens a folder.
   *
   * @throws InvalidInput if it holds no LoRA adapter, one that asks for what isn't done here, or a
   *     damaged one
   */
  public static AdapterFolder open(Path folder) {
    Path config = folder.resolve(FolderLayout.ADAPTER_CONFIG);
    if (Files.isDirectory(folder) && !Files.exists(config)) {
      throw new InvalidInput(
          "%s has no %s: name the folder of a PEFT adapter"
              .formatted(folder, FolderLayout.ADAPTER_CONFIG));
    }
    AdapterJson json = AdapterJson.of(JsonFile.readPython(config), config);
    Path weights = folder.resolve(FolderLayout.ADAPTER_WEIGHTS);
    if (!Files.exists(weights)) {
      throw new InvalidInput(
          "%s has no %s: save the adapter again with a PEFT that writes safetensors"
              .formatted(folder, FolderLayout.ADAPTER_WEIGHTS));
    }
    SafetensorsFile file = SafetensorsFile.open(weights);
    try {
      return new AdapterFolder(folder, json, file);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private void add(TensorInfo tensor) {
    String name = tensor.name();
    String bare = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    for (String part : bare.split("\\.")) {
      if (Lora.TIED.contains(part)) throw new InvalidInput(file.path() + ": " + Lora.tied(part));
    }
    boolean isFactor =
        name.startsWith(PREFIX)
            && LoraFactor.named(bare).isPresent()
            && Lora.PROJECTIONS.contains(module(weightOf(bare)));
    if (!isFactor) {
      throw new InvalidInput(
          "%s: %s is no factor of a projection's adapter; save the adapter with PEFT's save_pretrained and without other modules"
              .formatted(file.path(), shown(name)));
    }
    if (tensor.shape().rank() != 2) {
      throw new InvalidInput(
          "%s: %s is %s and must be a matrix; fetch or save the adapter again"
              .formatted(file.path(), shown(name), tensor.shape()));
    }
    file.float32(name); // refuses what isn't floating-point
    new HostTensor(tensor.type(), tensor.shape(), file.segment(name), () -> {})
        .notFinite()
        .ifPresent(
            what -> {
              throw new InvalidInput(
                  "%s: %s holds %s: take an earlier checkpoint of the adapter"
                      .formatted(file.path(), shown(name), what));
            });
    stored.put(bare, name);
  }

  private void requirePair(String weight, int count, int rank) {
    if (count != LoraFactor.values().length) {
      throw new InvalidInput(
          "%s: %s has only one of lora_A and lora_B; fetch or save the adapter again"
              .formatted(file.path(), shown(weight)));
    }
    long down = shape(weight, LoraFactor.A).dimensions().getFirst();
    long up = shape(weight, LoraFactor.B).dimensions().getLast();
    if (down != rank || up != rank) {
      throw new InvalidInput(
          "%s: of %s lora_A has rank %d and lora_B %d, and adapter_config.json says r = %d; take both from one folder"
              .formatted(file.path(), shown(weight), down, up, rank));
    }
  }

  /** Where it is. */
  public Path folder() {
    return folder;
  }

  /** Rank, scale and targets. */
  public Lora lora() {
    return lora;
  }

  /** What the folder calls the model that it was trained from. */
  public Optional<String> baseModel() {
    return baseModel;
  }

  /** The weights that it changes, by their names in a checkpoint. */
  public Set<String> weights() {
    return weights;
  }

  /** The shape of a factor: A is [r, in] and B [out, r]. */
  private TensorShape shape(String weight, LoraFactor factor) {
    return file.tensor(stored.get(factor.of(weight))).shape();
  }

  /**
   * A factor's values as float32.
   *
   * @param factor its name as {@link LoraFactor#of} gives it
   * @return valid until {@link #close}
   */
  public Float32Tensor float32(String factor) {
    return file.float32(stored.get(factor));
  }

  /** A factor's values, row by row. */
  float[] values(String weight, LoraFactor factor) {
    float[] values = new float[Math.toIntExact(shape(weight, factor).elements())];
    float32(factor.of(weight)).read(0, MemorySegment.ofArray(values));
    return values;
  }

  /**
   * Checks that it has what a model's adapter has.
   *
   * @param factors the shape of each factor by its name
   * @throws InvalidInput if one is missing, or is there besides, or has another shape
   */
  public void requireExactly(Map<String, TensorShape> factors) {
    Map<String, TensorShape> there = new TreeMap<>();
    stored.forEach((name, inFile) -> there.put(name, file.tensor(inFile).shape()));
    Map<String, TensorShape> wanted = new TreeMap<>(factors);
    wanted.forEach(
        (name, shape) -> {
          TensorShape found = there.remove(name);
          if (!shape.equals(found)) {
            throw new InvalidInput(
                "%s has %s for %s and the model wants %s; give the adapter of this model, with its rank and targets"
                    .formatted(folder, found == null ? "nothing" : found, name, shape));
          }
        });
    if (!there.isEmpty()) {
      throw new InvalidInput(
          "%s has %s, which the model's adapter has not; name all of its targets"
              .formatted(folder, there.keySet().iterator().next()));
    }
  }

  /**
   * Checks that a model has what it changes.
   *
   * @param shapes of the model's weights by their names
   * @param model for messages
   * @throws InvalidInput if a weight isn't there or has another shape
   */
  public void requireFits(Map<String, TensorShape> shapes, Path model) {
    for (String weight : weights) {
      TensorShape wanted =
          TensorShape.of(
              shape(weight, LoraFactor.B).dimensions().getFirst(),
              shape(weight, LoraFactor.A).dimensions().getLast());
      TensorShape there = shapes.get(weight);
      if (!wanted.equals(there)) {
        throw new InvalidInput(
            "%s changes %s %s, and %s has %s; name the model that it was trained from%s"
                .formatted(
                    folder,
                    weight,
                    wanted,
                    model,
                    there == null ? "none" : there,
                    baseModel.map(name -> ", " + shown(name)).orElse("")));
      }
    }
  }

  /** Frees the file. */
  @Override
  public void close() {
    file.close();
  }

  /**
   * Writes an adapter for PEFT to read.
   *
   * @param folder where; it must not exist, or be empty
   * @param baseModel the model that it was trained from, a folder or a name
   * @param factors by the names that {@link LoraFactor#of} gives them
   * @throws InvalidInput if {@code folder} is taken
   * @throws UncheckedIOException if the disk fails or is full; nothing is left behind
   */
  public static void write(Path folder, Lora lora, String baseModel, List<TensorToWrite> factors) {
    List<TensorToWrite> tensors =
        factors.stream().map(factor -> factor.named(PREFIX + factor.name())).toList();
    try (WholeFolder whole = WholeFolder.begin(folder)) {
      HfJson.write(
          whole.path().resolve(FolderLayout.ADAPTER_CONFIG), AdapterJson.write(lora, baseModel));
      SafetensorsWriter.write(
          whole.path().resolve(FolderLayout.ADAPTER_WEIGHTS), tensors, HfJson.FILE_METADATA);
      whole.keep();
    } catch (IOException e) {
      throw new UncheckedIOException("Writing " + folder, e);
    }
  }

  private static String weightOf(String factor) {
    return LoraFactor.named(factor).orElseThrow().weightOf(factor);
  }

  /** The last module on a weight's path. */
  private static String module(String weight) {
    String[] parts = weight.split("\\.");
    return parts.length < 2 ? "" : parts[parts.length - 2];
  }
}
