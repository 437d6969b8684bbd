package io.gemlab.experiments.crosscheck;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.PathChoice;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.ops.Precision;
import io.gemlab.ops.attention.Attention;

/**
 * How a checkpoint is to be run.
 *
 * @param path where
 * @param attention which attention
 * @param precision the type computed in
 * @param softcap whether the checkpoint's two caps stay on
 * @param allowDeviation whether an attention that has no place for the cap may drop it
 */
public record ModelChoice(
    PathChoice path,
    Attention attention,
    Precision precision,
    boolean softcap,
    boolean allowDeviation) {

  /** The checkpoint's {@code config.json}, its caps taken out where they are off. */
  ObjectNode json(HfCheckpoint checkpoint) {
    ObjectNode json = checkpoint.files().config();
    return softcap ? json : ConfigJson.withoutSoftcaps(json);
  }

  /** The model that a checkpoint holds, as chosen. */
  Gemma2Model<?> model(HfCheckpoint checkpoint) {
    Gemma2Config config =
        ConfigJson.read(json(checkpoint), checkpoint.folder().resolve("config.json").toString());
    return new Gemma2Model<>(config, new OpChoice(attention, allowDeviation), precision.type());
  }
}
