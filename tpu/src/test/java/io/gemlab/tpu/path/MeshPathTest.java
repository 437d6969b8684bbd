package io.gemlab.tpu.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import io.gemlab.tpu.mesh.Mesh;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.types.TFloat32;

/** What is refused before a device is taken. */
class MeshPathTest {
  private static final Gemma2Config CONFIG = Gemma2Presets.config("tiny");

  private static MeshPath over(String mesh) {
    return new MeshPath(new PjrtPath("pjrt:/nowhere/plugin.so"), Mesh.parse(mesh), CONFIG);
  }

  /** On two rows. */
  private static GraphFunction forward(Quantization quantization) {
    Gemma2Model<TFloat32> model =
        new Gemma2Model<>(CONFIG, OpChoice.of(new EagerAttention()), TFloat32.class, quantization);
    return new ForwardPass<>(model, 2, 8).trace("forward", ForwardPass.Returns.LOGITS_ONLY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data=3|data=3,fsdp=1 can't share out the rows of the batch, 2, evenly; no mesh works on 3",
        "data=4|data=4,fsdp=1 can't share out the rows of the batch, 2, evenly; the nearest mesh"
            + " that works on 4 is data=2,fsdp=1,model=2",
        "model=8|model=8 can't share out num_attention_heads, 4, evenly",
        "data=2,model=2|/nowhere/plugin.so does not exist",
        "data=1|/nowhere/plugin.so does not exist"
      })
  void aMeshThatDoesNotFitIsRefusedBeforeAPluginIsLookedFor(String mesh, String reason) {
    List<GraphFunction> functions = List.of(forward(Quantization.NONE));
    InvalidInput refused = assertThrows(InvalidInput.class, () -> over(mesh).load(functions));
    assertTrue(refused.getMessage().contains(reason), refused::getMessage);
  }

  @Test
  void quantizedWeightsAreRefused() {
    List<GraphFunction> functions = List.of(forward(Quantization.INT8));
    UnsupportedChoiceException refused =
        assertThrows(UnsupportedChoiceException.class, () -> over("model=2").load(functions));
    assertEquals(
        "the pjrt:/nowhere/plugin.so over data=1,fsdp=1,model=2 path refuses: its weights are"
            + " quantized, and a mesh cuts only those that are not; leave --quantize or --mesh out",
        refused.getMessage());
  }
}
