package io.gemlab.graph.gemma2.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndTokensTest {
  private static final JsonMapper JSON = new JsonMapper();

  /** Of {@code config.json} and {@code generation_config.json}; {@code -} is no such file. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | - | [1]",
        "[1, 7] | - | [1, 7]",
        "[1, 7] | {} | [1, 7]",
        "[1, 7] | {\"eos_token_id\": null} | [1, 7]",
        "[1, 7] | {\"eos_token_id\": []} | [1, 7]",
        "[1, 7] | {\"eos_token_id\": 5} | [5]",
        "1 | {\"eos_token_id\": [1, 107]} | [1, 107]",
        "null | - | [1]",
        "[] | - | [1]"
      })
  void theGenerationConfigComesFirst(String config, String generation, String ids)
      throws JsonProcessingException {
    assertEquals(ids, of(config, generation).ids().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | {\"eos_token_id\": \"x\"} | at/generation_config.json: eos_token_id is \"x\"",
        "1 | {\"eos_token_id\": [1, \"x\"]} | at/generation_config.json: eos_token_id is [1,\"x\"]",
        "1 | {\"eos_token_id\": 1.5} | at/generation_config.json: eos_token_id is 1.5",
        "1 | {\"eos_token_id\": 99999} | at/generation_config.json: eos_token_id is 99999",
        "1 | {\"eos_token_id\": [1, -1]} | at/generation_config.json: eos_token_id is -1",
        "99999 | - | at/config.json: eos_token_id is 99999",
        "\"x\" | - | test: eos_token_id is \"x\""
      })
  void refusesWhatNeverComes(String config, String generation, String beginning) {
    String message = assertThrows(InvalidInput.class, () -> of(config, generation)).getMessage();
    assertEquals(beginning, message.substring(0, Math.min(beginning.length(), message.length())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "[1,7]"})
  void whatIsWrittenIsRead(String ids) throws JsonProcessingException {
    JsonNode json = JSON.readTree(ids);
    assertEquals(json, EndTokens.json(EndTokens.read(json, "test")));
  }

  @Test
  void aConfigKeepsItsList() throws JsonProcessingException {
    Gemma2Config config = ConfigJson.read(tiny("[1, 7]"), "test");
    assertEquals(List.of(1, 7), config.tokens().eos());
    assertEquals(config, ConfigJson.read(ConfigJson.write(config), "test"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "- | [1,107]",
        "{\"eos_token_id\": 1, \"pad_token_id\": 0} | [1,107]",
        "{\"eos_token_id\": [1, 107]} | [1,107]"
      })
  void anEndIsAddedOnce(String generation, String ids) throws JsonProcessingException {
    CheckpointFiles files = files(tiny("1"), generation);
    Gemma2Config config = ConfigJson.read(files.config(), "test");
    ObjectNode ended =
        EndTokens.withEnd(107, files, Path.of("at"), config).generationConfig().orElseThrow();
    assertEquals(ids, ended.path("eos_token_id").toString());
    assertEquals(generation.contains("pad"), ended.has("pad_token_id"));
  }

  private static EndTokens of(String config, String generation) throws JsonProcessingException {
    ObjectNode json = tiny(config);
    return EndTokens.of(files(json, generation), Path.of("at"), ConfigJson.read(json, "test"));
  }

  private static CheckpointFiles files(ObjectNode config, String generation)
      throws JsonProcessingException {
    Optional<ObjectNode> other =
        generation.equals("-")
            ? Optional.empty()
            : Optional.of((ObjectNode) JSON.readTree(generation));
    return new CheckpointFiles(config, other, Map.of());
  }

  private static ObjectNode tiny(String eos) throws JsonProcessingException {
    ObjectNode json = Gemma2Presets.json("tiny");
    json.set("eos_token_id", JSON.readTree(eos));
    return json;
  }
}
