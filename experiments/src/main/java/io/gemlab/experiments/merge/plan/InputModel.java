package io.gemlab.experiments.merge.plan;

import io.gemlab.experiments.merge.recipe.ModelReference;
import io.gemlab.graph.base.adapter.AdapterFolder;
import io.gemlab.graph.base.adapter.MergedCheckpoint;
import io.gemlab.graph.base.checkpoint.CheckpointKind;
import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.checkpoint.FolderLayout;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.TensorInfo;
import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model that is merged, open for reading: a checkpoint, perhaps with an adapter in its weights.
 */
public final class InputModel implements AutoCloseable {
  private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(\\d+)\\.(.+)");

  private final ModelReference reference;
  private final HfCheckpoint checkpoint;
  private final Optional<AdapterFolder> adapter;
  private final Optional<MergedCheckpoint> merged;

  private InputModel(
      ModelReference reference, HfCheckpoint checkpoint, Optional<AdapterFolder> adapter) {
    this.reference = reference;
    this.checkpoint = checkpoint;
    this.adapter = adapter;
    this.merged =
        adapter.map(factors -> new MergedCheckpoint(checkpoint, factors, Optional.empty()));
  }

  /**
   * Opens a model.
   *
   * @throws InvalidInput if its folder holds no checkpoint, or the adapter is another model's
   */
  static InputModel open(ModelReference reference) {
    if (CheckpointKind.of(reference.model()) instanceof CheckpointKind.Adapter kind) {
      throw new InvalidInput(
          "%s %s: name it behind its base model, as BASE+%s"
              .formatted(reference.model(), kind.description(), reference.model()));
    }
    HfCheckpoint checkpoint = HfCheckpoint.open(reference.model());
    Optional<AdapterFolder> adapter = Optional.empty();
    try {
      adapter = reference.adapter().map(AdapterFolder::open);
      return new InputModel(reference, checkpoint, adapter);
    } catch (RuntimeException e) {
      adapter.ifPresent(AdapterFolder::close);
      checkpoint.close();
      throw e;
    }
  }

  public ModelReference reference() {
    return reference;
  }

  HfCheckpoint checkpoint() {
    return checkpoint;
  }

  /** Every tensor by its name. */
  Map<String, TensorInfo> tensors() {
    return checkpoint.tensors();
  }

  /** A tensor's values, the adapter added. */
  public Float32Tensor float32(String name) {
    return merged.map(sum -> sum.float32(name)).orElseGet(() -> checkpoint.float32(name));
  }

  /** How many layers it has: those that its tensors' names number. */
  int layers() {
    return tensors().keySet().stream().mapToInt(InputModel::layer).max().orElse(-1) + 1;
  }

  /** The layer that a tensor is of; -1 for those outside. */
  static int layer(String tensor) {
    Matcher name = LAYER.matcher(tensor);
    return name.matches() ? Integer.parseInt(name.group(1)) : -1;
  }

  /** What a layer's tensor is called as another layer's. */
  static String inLayer(String tensor, int layer) {
    Matcher name = LAYER.matcher(tensor);
    if (!name.matches()) return tensor;
    return "model.layers.%d.%s".formatted(layer, name.group(2));
  }

  /** The files that make it: those of the model, and those of the adapter. */
  public List<Path> files() {
    List<Path> files =
        new ArrayList<>(CheckpointKind.requireReadable(reference.model()).modelFiles());
    reference
        .adapter()
        .ifPresent(
            folder -> {
              files.add(folder.resolve(FolderLayout.ADAPTER_CONFIG));
              files.add(folder.resolve(FolderLayout.ADAPTER_WEIGHTS));
            });
    return files;
  }

  @Override
  public void close() {
    adapter.ifPresent(AdapterFolder::close);
    checkpoint.close();
  }
}
