package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.attention.SdpaAttention;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.tensorflow.types.TFloat32;

/**
 * A cap that is switched off shows in the logits on every path, and an attention that has no place
 * for it says so or is told to drop it.
 */
class SoftcapTest {
  static final List<ExecutionPath> PATHS = Golden.PATHS;

  private static final Gemma2Config CAPPED = Golden.config("ckpt_f32");
  private static final List<GraphFunction> FUNCTIONS =
      List.of(
          forward("capped", CAPPED, OpChoice.of(new EagerAttention())),
          forward("dropped", CAPPED, new OpChoice(new SdpaAttention(), true)),
          forward("uncapped_attention", withoutAttentionCap(), OpChoice.of(new EagerAttention())),
          forward("uncapped", Golden.config("ckpt_nosoftcap"), OpChoice.of(new EagerAttention())));

  /** Hugging Face's logits with what each function leaves out. */
  private static final Map<String, String> VARIANTS =
      Map.of("capped", "A", "dropped", "B2", "uncapped_attention", "B2", "uncapped", "B");

  private static Gemma2Config withoutAttentionCap() {
    return Golden.config("ckpt_f32", json -> json.putNull("attn_logit_softcapping"));
  }

  private static GraphFunction forward(String name, Gemma2Config config, OpChoice choice) {
    return new ForwardPass<>(new Gemma2Model<>(config, choice, TFloat32.class), 2, 24)
        .trace(name, ForwardPass.Returns.LOGITS_ONLY);
  }

  @ParameterizedTest
  @FieldSource("PATHS")
  void switchedOffItChangesTheLogitsAsMuchAsInHuggingFace(ExecutionPath path) {
    try (Executable executable = path.load(FUNCTIONS)) {
      Golden.loadWeights("ckpt_f32", executable);
      float[] capped = logits(executable, "capped");
      VARIANTS.forEach(
          (name, variant) -> {
            float[] got = logits(executable, name);
            float[] want = Golden.tensors(variant).get(ForwardPass.LOGITS);
            double off = Differences.largest(got, want);
            assertTrue(off <= 1e-3, name + " is off by " + off);
            if (name.equals("capped")) return;
            double changed = Differences.largest(got, capped);
            assertTrue(changed > 1e-2, name + " changes logits by only " + changed);
          });
    }
  }

  private static float[] logits(Executable executable, String name) {
    try (Results results = executable.run(name, Golden.batch("A").arguments())) {
      return results.get(ForwardPass.LOGITS).floats();
    }
  }

  @Test
  void sdpaRefusesACapWithoutPermission() {
    OpChoice strict = OpChoice.of(new SdpaAttention());
    assertEquals(
        "sdpa attention refuses: fused scaled dot-product kernels cannot apply the attention"
            + " softcap of 50.0; choose eager or blockwise attention, or a model without the cap, or"
            + " allow the deviation (--allow-deviation, or allow_deviation: true in a recipe)",
        assertThrows(UnsupportedChoiceException.class, () -> forward("refused", CAPPED, strict))
            .getMessage());
  }

  @Test
  void aDroppedCapIsTold() {
    OpChoice lenient = new OpChoice(new SdpaAttention(), true);
    var deviation = lenient.deviation(CAPPED.attention(0)).orElseThrow();
    assertEquals("softcap 50.0", deviation.asked());
    assertEquals("softcap dropped", deviation.ran());
    assertEquals(
        "choose eager or blockwise attention, or a model without the cap", deviation.remedy());
    assertEquals(Optional.empty(), lenient.deviation(withoutAttentionCap().attention(0)));
  }
}
