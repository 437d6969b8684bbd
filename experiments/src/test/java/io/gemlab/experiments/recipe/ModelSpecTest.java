package io.gemlab.experiments.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.SmallModel;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.Precision;
import io.gemlab.ops.attention.Softcap;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelSpecTest {
  @Test
  void itsJsonReadsBackAsItself() throws IOException {
    ModelSpec plain =
        new ModelSpec(
            "small",
            SmallModel.config(),
            OpChoice.of(Choices.attention("eager")),
            Precision.FLOAT32);
    List<ModelSpec> all =
        List.of(
            plain,
            plain.withConfig(SmallModel.config().withoutSoftcaps()),
            plain.withConfig(Gemma2Presets.config("gemma2-27b")),
            plain.withOps(new OpChoice(Choices.attention("sdpa"), true)),
            plain.withOps(OpChoice.of(Choices.attention("blockwise"))),
            plain.withPrecision(Precision.BFLOAT16).withQuantization(Quantization.INT4),
            plain.withDepth(new Depth(Depth.Layers.SCANNED, Depth.Remat.LAYER)));
    for (ModelSpec spec : all) {
      ObjectNode json = (ObjectNode) new JsonMapper().readTree(spec.json().toString());
      assertEquals(spec, ModelSpec.of(new Fields("there", json)));
    }
  }

  @Test
  void withoutSoftcapsHasNeitherCapAndAllElse() {
    Gemma2Config config = SmallModel.config();
    Gemma2Config uncapped = config.withoutSoftcaps();
    assertEquals(Softcap.none(), uncapped.attnLogitSoftcapping());
    assertEquals(Softcap.none(), uncapped.finalLogitSoftcapping());
    assertEquals(config.layerTypes(), uncapped.layerTypes());
    assertEquals(uncapped, uncapped.withoutSoftcaps());
  }
}
