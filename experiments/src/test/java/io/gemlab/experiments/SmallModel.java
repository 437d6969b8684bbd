package io.gemlab.experiments;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tensorflow.types.TFloat32;

/** A checkpoint of two small layers, and tokens for it. */
public final class SmallModel {
  private SmallModel() {}

  /** Keys that make the tiny preset smaller still. */
  public static final String OVERLAY =
      "{hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 2,"
          + " num_key_value_heads: 1, head_dim: 16, sliding_window: 8}";

  public static Gemma2Config config() {
    ObjectNode json = Gemma2Presets.json("tiny");
    json.put("hidden_size", 32)
        .put("intermediate_size", 64)
        .put("num_hidden_layers", 2)
        .put("num_attention_heads", 2)
        .put("num_key_value_heads", 1)
        .put("head_dim", 16)
        .put("sliding_window", 8);
    return ConfigJson.read(json, "small model");
  }

  /** Writes a checkpoint with fresh weights; answers its folder. */
  public static Path checkpoint(Path parent) {
    Gemma2Config config = config();
    Path folder = parent.resolve("small");
    ForwardPass<TFloat32> forward =
        new ForwardPass<>(
            new Gemma2Model<>(config, OpChoice.of(new EagerAttention()), TFloat32.class), 1, 2);
    try (Executable executable =
        new GraphPath().load(List.of(forward.trace("forward", ForwardPass.Returns.LOGITS_ONLY)))) {
      ModelWeights.initialize(forward.model(), 3, executable, ElementType.F32);
      ModelWeights.save(
          executable,
          forward.model(),
          ElementType.F32,
          CheckpointFiles.of(ConfigJson.write(config)),
          folder);
    }
    return folder;
  }

  /** Two rows of twelve tokens, the second padded on its left. */
  public static Path ids(Path parent) throws IOException {
    return Files.writeString(
        parent.resolve("ids.json"),
        """
        {"input_ids": [[2, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
                       [0, 0, 0, 2, 50, 60, 70, 80, 90, 100, 110, 120]],
         "attention_mask": [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
                            [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]]}
        """);
  }
}
