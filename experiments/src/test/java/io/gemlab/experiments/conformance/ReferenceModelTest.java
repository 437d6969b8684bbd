package io.gemlab.experiments.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.conformance.ReferenceModel.Sight;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.gemma2.config.ConfigJson;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reference agrees with Hugging Face's float32: with caps, without them, and with padding. */
class ReferenceModelTest {
  private static final Path GOLDEN = Path.of("../graph/src/test/resources/golden");

  @ParameterizedTest
  @CsvSource({"ckpt_f32, A", "ckpt_nosoftcap, B", "ckpt_f32, C", "ckpt_gemma3, G"})
  void agreesWithHuggingFace(String folder, String variant) {
    TokenBatch batch = batch(variant);
    try (HfCheckpoint checkpoint = HfCheckpoint.open(GOLDEN.resolve(folder));
        SafetensorsFile golden = SafetensorsFile.open(GOLDEN.resolve(variant + ".safetensors"))) {
      ReferenceModel model =
          new ReferenceModel(
              ConfigJson.read(checkpoint.files().config(), folder),
              spec -> {
                HostTensor weight = HostTensor.zeros(ElementType.F32, spec.shape());
                checkpoint.readFloat32(spec.name(), weight.data());
                return weight.floats();
              },
              Sight.MASKED);
      HostTensor expected = HostTensor.zeros(ElementType.F32, golden.tensor("logits").shape());
      golden.readFloat32("logits", expected.data());
      double off =
          Logits.atTokens(model.logits(batch), batch)
              .largestDifference(Logits.atTokens(expected.floats(), batch));
      assertTrue(off <= 1e-3, "off by " + off);
    }
  }

  private static TokenBatch batch(String variant) {
    String set = variant.equals("G") ? "gemma3.json" : "golden.json";
    var json = JsonFile.readObject(GOLDEN.resolve(set)).get("variants").get(variant);
    int[][] ids = rows(json.get("input_ids"));
    return json.has("attention_mask")
        ? new TokenBatch(ids, rows(json.get("attention_mask")))
        : TokenBatch.of(ids);
  }

  private static int[][] rows(com.fasterxml.jackson.databind.JsonNode json) {
    int[][] rows = new int[json.size()][];
    for (int b = 0; b < rows.length; b++) {
      rows[b] = new int[json.get(b).size()];
      for (int t = 0; t < rows[b].length; t++) rows[b][t] = json.get(b).get(t).asInt();
    }
    return rows;
  }
}
