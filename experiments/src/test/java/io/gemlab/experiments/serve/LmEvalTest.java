package io.gemlab.experiments.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.experiments.Python;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** lm-evaluation-harness scores a model through the server as it does with Hugging Face's. */
@Tag("slow")
class LmEvalTest {
  private static final Path LM_EVAL = GoldenFiles.of("eval/lmeval");

  /** Tokens that the model reads, of which its context has no more. */
  private static final int CONTEXT = 128;

  @TempDir Path folder;

  /**
   * Equal but for what torch's float32 log-softmax is off. Hugging Face's backend reads a token
   * more of what is too long, so those items are left out.
   */
  @ParameterizedTest
  @CsvSource({"never, false", "always, true"})
  void figuresAreThoseOfHuggingFace(String golden, String bos) throws Exception {
    Python python =
        Python.require("that lm-eval scores a server's model", "lm-eval 0.4.13 and transformers");
    Path checkpoint = GoldenFiles.checkpointWithTokenizer(folder);
    try (ServedModel served = ServedModel.of("served", checkpoint, 4, CONTEXT, 64)) {
      String told =
          python.run(
              GoldenFiles.of("python/lm_eval_completions.py"),
              List.of(
                  served.uri("/v1").toString(),
                  LM_EVAL.toString(),
                  pieces(served.gemma().tokenizer()).toString(),
                  bos,
                  Integer.toString(CONTEXT + 1),
                  "golden_arc",
                  "golden_hs"));
      JsonNode expected = JsonFile.readObject(LM_EVAL.resolve("results.json")).get(golden);
      JsonNode got = ServedModel.JSON.readTree(told);
      int compared = 0;
      for (String task : List.of("golden_arc", "golden_hs")) {
        JsonNode items = expected.get(task).get("items");
        assertEquals(items.size(), got.get(task).get("items").size());
        for (int i = 0; i < items.size(); i++) {
          JsonNode item = got.get(task).get("items").get(i);
          boolean whole = true;
          for (JsonNode length : item.get("lengths")) whole &= length.intValue() <= CONTEXT;
          if (!whole) continue;
          compared++;
          assertEquals(items.get(i).get("greedy"), item.get("greedy"));
          for (int k = 0; k < item.get("ll").size(); k++) {
            assertEquals(
                items.get(i).get("ll").get(k).doubleValue(),
                item.get("ll").get(k).doubleValue(),
                2e-3 + 1e-4 * item.get("lengths").get(k).intValue());
          }
        }
      }
      assertTrue(compared > 30, compared + " of 40 items were short enough");
    }
  }

  private Path pieces(Tokenizer tokenizer) throws Exception {
    ObjectNode json = ServedModel.JSON.createObjectNode();
    ArrayNode pieces = json.putArray("pieces");
    for (int id = 0; id < tokenizer.vocabularySize(); id++) pieces.add(tokenizer.piece(id));
    ArrayNode control = json.putArray("control");
    tokenizer.controlTokens().forEach(control::add);
    return Files.writeString(folder.resolve("pieces.json"), json.toString());
  }
}
