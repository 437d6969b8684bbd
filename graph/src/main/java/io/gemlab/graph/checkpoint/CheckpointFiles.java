package io.gemlab.graph.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a checkpoint folder holds beside its weights.
 *
 * @param config {@code config.json}; its dtype is set to the weights' when it is written
 * @param generationConfig {@code generation_config.json}, if there is one
 * @param tokenizerFiles the tokenizer's files, which are copied under their own names
 */
public record CheckpointFiles(
    ObjectNode config, Optional<ObjectNode> generationConfig, List<Path> tokenizerFiles) {
  public CheckpointFiles {
    config = config.deepCopy();
    generationConfig = generationConfig.map(ObjectNode::deepCopy);
    tokenizerFiles = List.copyOf(tokenizerFiles);
  }

  /** A copy: changing it changes nothing here. */
  @Override
  public ObjectNode config() {
    return config.deepCopy();
  }

  /** A copy: changing it changes nothing here. */
  @Override
  public Optional<ObjectNode> generationConfig() {
    return generationConfig.map(ObjectNode::deepCopy);
  }

  /** A {@code config.json} and nothing else. */
  public static CheckpointFiles of(ObjectNode config) {
    return new CheckpointFiles(config, Optional.empty(), List.of());
  }
}
