package io.gemlab.graph.base.checkpoint;

import java.util.List;

/** The file names of a checkpoint folder, as Hugging Face's libraries look for them. */
public final class FolderLayout {
  /** What PEFT says of an adapter. */
  public static final String ADAPTER_CONFIG = "adapter_config.json";

  /** Its weights. */
  public static final String ADAPTER_WEIGHTS = "adapter_model.safetensors";

  /** A training run's newest checkpoint, within the run's folder. */
  static final String LAST_CHECKPOINT = "checkpoints/last";

  static final String CONFIG = "config.json";
  static final String GENERATION_CONFIG = "generation_config.json";
  static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";
  static final List<String> TOKENIZER_FILES =
      List.of(
          "tokenizer.json",
          "tokenizer.model",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "chat_template.jinja");

  private FolderLayout() {}

  /** {@code model-00002-of-00004.safetensors} for the second of four. */
  static String shard(int number, int count) {
    return "model-%05d-of-%05d.safetensors".formatted(number, count);
  }
}
