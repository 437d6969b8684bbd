package io.gemlab.experiments.eval.result;

import io.gemlab.graph.base.checkpoint.CheckpointKind;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.Tokenizers;
import io.gemlab.graph.quantize.Quantization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model, and how it computes: what its answers depend on beside the requests.
 *
 * @param folder of its checkpoint
 * @param sha256 of the folder's files that it is made of, by their names
 * @param settings such as the type it computes in, by their flags' names
 */
public record ModelInfo(String folder, Map<String, String> sha256, Map<String, String> settings) {

  /**
   * Reads a checkpoint's files once, to know them again.
   *
   * @throws InvalidInput if it is none that can be read, or has no tokenizer
   */
  public static ModelInfo of(Path folder, Map<String, String> settings) {
    List<Path> files = new ArrayList<>(CheckpointKind.requireReadable(folder).modelFiles());
    files.add(Tokenizers.requireIn(folder));
    return new ModelInfo(folder.toString(), new TreeMap<>(Sha256.byName(folder, files)), settings);
  }

  /** The type that it computes in and what its weights are kept in, where that is another. */
  public String precision() {
    String none = Quantization.NONE.label();
    String quantized = settings.getOrDefault("quantize", none);
    return settings.getOrDefault("dtype", "?")
        + (quantized.equals(none) ? "" : " and " + quantized);
  }

  /** What differs from another model, in a few words; empty if nothing that answers depend on. */
  public String difference(ModelInfo other) {
    List<String> differing = new ArrayList<>();
    if (!sha256.equals(other.sha256)) differing.add("the checkpoint's files");
    Map<String, String> all = new TreeMap<>(settings);
    all.putAll(other.settings);
    for (String key : all.keySet()) {
      String own = settings.getOrDefault(key, "none");
      String others = other.settings.getOrDefault(key, "none");
      if (!own.equals(others)) differing.add("%s %s, before %s".formatted(key, own, others));
    }
    return String.join("; ", differing);
  }
}
