package io.gemlab.graph.base.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a checkpoint folder holds beside its weights.
 *
 * @param config {@code config.json}; its dtype is set to the weights' when it is written
 * @param generationConfig {@code generation_config.json}, if there is one
 * @param companions files that are copied, by the names they have beside the weights: the
 *     tokenizer's, and what a writer adds
 */
public record CheckpointFiles(
    ObjectNode config, Optional<ObjectNode> generationConfig, Map<String, Path> companions) {
  public CheckpointFiles {
    config = config.deepCopy();
    generationConfig = generationConfig.map(ObjectNode::deepCopy);
    companions = Map.copyOf(companions);
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
    return new CheckpointFiles(config, Optional.empty(), Map.of());
  }
}
