package io.gemlab.graph.weights;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.checkpoint.Float32Stream;
import io.gemlab.graph.base.checkpoint.HfCheckpointWriter;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.EndTokens;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * A checkpoint of fresh weights, {@link ModelWeights#fresh}, in Hugging Face's format: true shapes
 * where the published weights can't be had.
 *
 * <p>Values are made as they are written, so a model larger than memory can be.
 *
 * @param config the model's
 * @param seed of the weights
 * @param stored F32, BF16 or F16
 * @param companions files to put beside the weights, by the names they get
 */
public record FreshCheckpoint(
    Gemma2Config config, long seed, ElementType stored, Map<String, Path> companions) {
  public FreshCheckpoint {
    companions = Map.copyOf(companions);
  }

  /**
   * Writes it.
   *
   * @param progress told each time how many more parameters are made
   * @throws io.gemlab.graph.base.input.InvalidInput if {@code folder} holds anything
   */
  public void write(Path folder, LongConsumer progress) {
    List<TensorToWrite> weights =
        WeightSpec.of(config).stream()
            .map(
                weight ->
                    new TensorToWrite(
                        weight.name(),
                        stored,
                        weight.shape(),
                        watched(ModelWeights.fresh(weight, seed), progress)))
            .toList();
    CheckpointFiles files =
        new CheckpointFiles(
            ConfigJson.write(config), Optional.of(generationConfig(config)), companions);
    HfCheckpointWriter.write(folder, files, weights, HfCheckpointWriter.SHARD_BYTES);
  }

  private static Float32Stream watched(Float32Stream stream, LongConsumer progress) {
    return target -> {
      stream.next(target);
      progress.accept(target.byteSize() / Float.BYTES);
    };
  }

  /** A model's special tokens as {@code generation_config.json} has them. */
  public static ObjectNode generationConfig(Gemma2Config config) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("bos_token_id", config.tokens().bos());
    json.set(EndTokens.KEY, EndTokens.json(config.tokens().eos()));
    json.put("pad_token_id", config.tokens().pad());
    return json;
  }
}
