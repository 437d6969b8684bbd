package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.TestFiles;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Rotary embeddings by type of layer, in a tiny gemma3_text whose weights bfloat16 holds exactly.
 */
class LayerRopesTest {
  static final List<ExecutionPath> PATHS = Golden.PATHS;

  private static final String CHECKPOINT = "ckpt_gemma3";
  private static final Map<String, float[]> GOLDEN = Golden.tensors("G");
  private static final Gemma2Config CONFIG = Golden.config(CHECKPOINT);
  private static final float[] EXACT =
      logits(CONFIG, TFloat32.class, new GraphPath(), Golden.bfloat16Batch());

  @Test
  void globalLayersAreScaledAsHuggingFaceScalesThem() {
    Gemma2Config scaled =
        Golden.config(
            CHECKPOINT,
            json ->
                ((ObjectNode) json.get("rope_parameters").get("full_attention"))
                    .put("rope_type", "linear")
                    .put("factor", 8.0));
    float[] want = Golden.tensors("G_linear").get(ForwardPass.LOGITS);
    assertTrue(Differences.largest(GOLDEN.get(ForwardPass.LOGITS), want) > 1);
    float[] got = logits(scaled, TFloat32.class, new EagerPath(), Golden.batch("G"));
    assertTrue(Differences.largest(got, want) <= 1e-3);
  }

  /** What would be right for Gemma 2 is far off here. */
  @Test
  void oneBaseForAllLayersIsAnotherModel() {
    Gemma2Config one =
        Golden.config(
            CHECKPOINT,
            json -> {
              json.remove("rope_parameters");
              json.put("rope_theta", 1e6).put("rope_local_base_freq", 1e6);
            });
    float[] got = logits(one, TFloat32.class, new GraphPath(), Golden.batch("G"));
    assertTrue(Differences.largest(got, GOLDEN.get(ForwardPass.LOGITS)) > 1);
  }

  /** No further from float32 than 1.25 times Hugging Face's own bfloat16. */
  @ParameterizedTest
  @FieldSource("PATHS")
  void bfloat16StaysAsCloseAsHuggingFaces(ExecutionPath path) {
    float[] got = logits(CONFIG, TBfloat16.class, path, Golden.bfloat16Batch());
    Distance ours = Distance.of(got, EXACT, CONFIG.vocabSize());
    Distance theirs = Golden.bfloat16Distance();
    assertTrue(ours.meanKl() <= 1.25 * theirs.meanKl(), ours + " and " + theirs);
    assertTrue(ours.agreement() >= theirs.agreement() - 0.02, ours + " and " + theirs);
  }

  private static <T extends TFloating> float[] logits(
      Gemma2Config config, Class<T> type, ExecutionPath path, TokenBatch batch) {
    Gemma2Model<T> model = new Gemma2Model<>(config, OpChoice.of(new EagerAttention()), type);
    ElementType stored = type == TFloat32.class ? ElementType.F32 : ElementType.BF16;
    try (Executable executable =
            path.load(
                List.of(
                    new ForwardPass<>(model, batch.rows(), batch.length())
                        .trace("forward", ForwardPass.Returns.LOGITS_ONLY)));
        HfCheckpoint checkpoint = HfCheckpoint.open(TestFiles.golden(CHECKPOINT))) {
      ModelWeights.load(checkpoint, model, executable, stored);
      try (Results results = executable.run("forward", batch.arguments())) {
        return results.get(ForwardPass.LOGITS).floats();
      }
    }
  }
}
