package io.gemlab.experiments.crosscheck;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.generate.LoadOptions;

/**
 * How a checkpoint is to be run.
 *
 * @param options where, with which ops, and the type computed in
 * @param softcap whether the checkpoint's two caps stay on
 */
public record ModelChoice(LoadOptions options, boolean softcap) {

  /** The checkpoint's {@code config.json}, its caps taken out where they are off. */
  ObjectNode json(HfCheckpoint checkpoint) {
    ObjectNode json = checkpoint.files().config();
    return softcap ? json : ConfigJson.withoutSoftcaps(json);
  }

  /** The model that a checkpoint holds, as chosen. */
  Gemma2Model<?> model(HfCheckpoint checkpoint) {
    String file = checkpoint.folder().resolve("config.json").toString();
    return options.model(ConfigJson.read(json(checkpoint), file));
  }
}
