package io.gemlab.graph.gemma2.config;

import static io.gemlab.graph.TestFiles.golden;
import static io.gemlab.graph.gemma2.config.LayerType.FULL_ATTENTION;
import static io.gemlab.graph.gemma2.config.LayerType.SLIDING_ATTENTION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.mlp.GatedActivation;
import io.gemlab.ops.position.Rope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class ConfigJsonTest {
  static final List<String> NAMES = Gemma2Presets.NAMES;
  private static final String LOCAL = "rope_local_base_freq";

  private static Gemma2Config read(ObjectNode json) {
    return ConfigJson.read(json, "test");
  }

  private static ObjectNode tiny() {
    return Gemma2Presets.json("tiny");
  }

  /** As transformers 5 writes it. */
  private static ObjectNode gemma3() {
    return JsonFile.readObject(golden("ckpt_gemma3").resolve("config.json"));
  }

  /** transformers 5 and 4.42 spell rope_theta, dtype and the activation differently. */
  @Test
  void bothSpellingsOfTheFieldAreTheSameModel() {
    ObjectNode modern = JsonFile.readObject(golden("ckpt_f32").resolve("config.json"));
    ObjectNode legacy = JsonFile.readObject(golden("ckpt_f32_sharded").resolve("config.json"));
    assertEquals(read(modern), read(legacy));
    assertEquals(48, read(modern).queryPreAttnScalar());
  }

  @Test
  void nullIsNoCap() {
    ObjectNode json = JsonFile.readObject(golden("ckpt_nosoftcap").resolve("config.json"));
    assertEquals(Softcap.none(), read(json).attnLogitSoftcapping());
    assertEquals(Softcap.none(), read(json).finalLogitSoftcapping());
  }

  /** transformers 5 and 4.50 spell rotary bases and the layers' types differently. */
  @Test
  void bothSpellingsOfGemma3AreTheSameModel() {
    ObjectNode modern = gemma3();
    ObjectNode legacy = modern.deepCopy();
    legacy.remove(List.of("rope_parameters", "layer_types"));
    legacy.put("rope_theta", 1_000_000).put("rope_local_base_freq", 10_000);
    legacy.put("sliding_window_pattern", 2).putNull("rope_scaling");
    assertEquals(read(modern), read(legacy));
    Gemma2Config config = read(modern);
    assertEquals(new LayerRopes(Rope.of(10_000), Rope.of(1_000_000)), config.ropes());
    assertEquals(Rope.of(10_000), config.rope(2));
    assertEquals(Rope.of(1_000_000), config.rope(3));
    assertTrue(config.qkNorm());
  }

  @Test
  void fiveOfSixLayersOfAGemma3SlideUnlessItSaysOtherwise() {
    ObjectNode json = gemma3();
    json.remove("layer_types");
    assertEquals(read(json.deepCopy().put("layer_pattern", "5:1")), read(json));
  }

  @ParameterizedTest
  @CsvSource({"rope_type", "type"})
  void globalLayersMayBeScaled(String type) {
    ObjectNode modern = gemma3();
    ObjectNode global = (ObjectNode) modern.get("rope_parameters").get("full_attention");
    global.put("factor", 8.0).remove("rope_type");
    global.put(type, "linear");
    ObjectNode legacy = modern.deepCopy();
    legacy.remove("rope_parameters");
    legacy.put("rope_theta", 1e6).put("rope_local_base_freq", 1e4);
    legacy.putObject("rope_scaling").put(type, "linear").put("factor", 8.0);
    Gemma2Config config = read(modern);
    assertEquals(new Rope(1e6, 8), config.rope(3));
    assertEquals(config, read(legacy));
    assertEquals(config, read(ConfigJson.write(config)));
  }

  /** What a checkpoint is written with has one spelling, whichever its model came with. */
  @Test
  void aConfigIsWrittenOverAnother() {
    ObjectNode json = gemma3().put("initializer_range", 0.02);
    Gemma2Config config = read(json.deepCopy().put("sliding_window", 5));
    ObjectNode written = ConfigJson.write(config, json);
    assertEquals(0.02, written.get("initializer_range").asDouble());
    assertFalse(written.has("rope_parameters") || written.has("_sliding_window_pattern"));
    assertEquals("gemma3_text", written.get("model_type").asText());
    assertEquals(config, read(written));
  }

  /** transformers has a class for each of these and for no other: it computes what they say. */
  @ParameterizedTest
  @CsvSource({
    "tiny, '', gemma2",
    "tiny, 'qk_norm: true', gemma2",
    "tiny, 'attn_logit_softcapping: null', gemma2",
    "tiny, 'qk_norm: true, attn_logit_softcapping: null', gemma3_text",
    "gemma3-270m, '', gemma3_text",
    "gemma3-270m, 'qk_norm: false', gemma2"
  })
  void theModelTypeFollowsFromTheSwitches(String preset, String change, String type)
      throws Exception {
    ObjectNode json = Gemma2Presets.json(preset);
    json.setAll((ObjectNode) new YAMLMapper().readTree("{" + change + "}"));
    ObjectNode written = ConfigJson.write(read(json));
    assertEquals(type, written.get("model_type").asText());
    assertEquals(preset.equals("gemma3-270m") || type.equals("gemma3_text"), written.has(LOCAL));
    assertEquals(read(json), read(written));
  }

  /** A recipe may do to a published model what its model_type would not have. */
  @Test
  void switchesAreChangedOneByOne(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), gemma3().toString());
    ObjectNode json = ConfigJson.switches(file);
    assertTrue(ConfigJson.isWhole(json));
    assertEquals(read(gemma3()), read(json));
    ObjectNode changes =
        JsonNodeFactory.instance
            .objectNode()
            .put("attn_logit_softcapping", 50.0)
            .put("rope_theta", 20_000)
            .put("qk_norm", false)
            .putNull(LOCAL);
    ConfigJson.change(json, changes, "test");
    Gemma2Config config = read(json);
    assertEquals(LayerRopes.same(Rope.of(20_000)), config.ropes());
    assertFalse(config.qkNorm());
    assertEquals(Softcap.of(50), config.attnLogitSoftcapping());
  }

  /** Each change to a tiny gemma3_text, as YAML, and the one line it gets. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "attn_logit_softcapping: 50.0 | test: attn_logit_softcapping is 50.0;"
            + " Hugging Face's Gemma 3 has no cap there and ignores it; write null",
        "{rope_parameters: null, rope_theta: 1.0e6} | test: rope_local_base_freq is missing;"
            + " give it",
        "{rope_parameters: {rope_theta: 1.0e6}} | test: rope_parameters.sliding_attention is"
            + " missing; give it",
        "{rope_parameters: {sliding_attention: {rope_theta: 1.0e4}}} |"
            + " test: rope_parameters.full_attention is missing; give it",
        "{rope_parameters: {sliding_attention: {rope_theta: 1.0e4}, full_attention: 5}} |"
            + " test: rope_parameters.full_attention is 5; give an object {...}",
        "{rope_parameters: {sliding_attention: {rope_theta: 1.0e4}, full_attention: {rope_theta:"
            + " 1.0e6, rope_type: yarn}}} | test: rope_parameters.full_attention.rope_type is"
            + " \"yarn\"; give default, or linear with a factor",
        "{rope_parameters: {sliding_attention: {rope_theta: 1.0e4, rope_type: linear, factor: 8},"
            + " full_attention: {rope_theta: 1.0e6}}} | test: the rotary embedding of sliding"
            + " layers is scaled by 8.0; only that of global layers can be",
        "rope_local_base_freq: 20000 | test: rope_local_base_freq is 20000;"
            + " rope_parameters.rope_theta says 10000.0",
        "rope_scaling: {rope_type: linear, factor: 8} |"
            + " test: rope_scaling is {\"rope_type\":\"linear\",\"factor\":8};"
            + " rope_parameters says otherwise; leave out one of them",
        "{layer_types: null, sliding_window_pattern: 0} | test: sliding_window_pattern is 0;"
            + " give a number above 0",
        "use_bidirectional_attention: true | test: use_bidirectional_attention is true;"
            + " only causal attention is implemented"
      })
  void aBadFieldOfGemma3GetsOneLine(String change, String message) throws Exception {
    ObjectNode json = gemma3();
    json.setAll((ObjectNode) new YAMLMapper().readTree(change));
    assertEquals(message, assertThrows(InvalidInput.class, () -> read(json)).getMessage());
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void whatIsWrittenIsRead(String name) {
    Gemma2Config config = Gemma2Presets.config(name);
    assertEquals(config, read(ConfigJson.write(config)));
    Gemma2Config switched =
        read(
            Gemma2Presets.json(name)
                .putNull("attn_logit_softcapping")
                .put("layer_pattern", "5:1")
                .put("norms", "post")
                .put("qk_norm", true)
                .put("hidden_activation", "silu"));
    assertEquals(GatedActivation.SWIGLU, switched.hiddenActivation());
    assertEquals(switched, read(ConfigJson.write(switched)));
  }

  /** transformers 5 refuses a whole number that is written as 256.0. */
  @Test
  void theQueryScaleIsWrittenAsHuggingFaceReadsIt() {
    Gemma2Config config = Gemma2Presets.config("gemma2-2b");
    assertTrue(ConfigJson.write(config).get("query_pre_attn_scalar").isInt());
  }

  @Test
  void layerPatterns() {
    assertEquals(
        List.of(SLIDING_ATTENTION, SLIDING_ATTENTION, FULL_ATTENTION, SLIDING_ATTENTION),
        read(tiny().put("layer_pattern", "2:1")).layerTypes());
    assertEquals(
        List.of(FULL_ATTENTION, FULL_ATTENTION, FULL_ATTENTION, FULL_ATTENTION),
        read(tiny().put("layer_pattern", "all_global")).layerTypes());
    assertEquals(
        List.of(SLIDING_ATTENTION, SLIDING_ATTENTION, SLIDING_ATTENTION, SLIDING_ATTENTION),
        read(tiny().put("layer_pattern", "all_sliding")).layerTypes());
    assertEquals(
        read(tiny()).layerTypes(), read(tiny().put("layer_pattern", "alternate")).layerTypes());
  }

  /** Each change to a good config, as YAML, and the one line it gets. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "attn_logit_softcapping: 0.0 | test: attn_logit_softcapping is 0.0;"
            + " a cap must be finite and above 0; write null for no cap",
        "final_logit_softcapping: -30 | test: final_logit_softcapping is -30;"
            + " a cap must be finite and above 0; write null for no cap",
        "attn_logit_softcapping: 1.0e999 | test: attn_logit_softcapping is \"Infinity\";"
            + " a cap must be finite and above 0; write null for no cap",
        "hidden_size: wide | test: hidden_size is \"wide\"; give a whole number",
        "hidden_size: 1.5 | test: hidden_size is 1.5; give a whole number",
        "hidden_size: null | test: hidden_size is missing; give it",
        "hidden_size: 0 | test: hidden_size is 0; give a number above 0",
        "num_key_value_heads: 3 | test: num_attention_heads is 4 and num_key_value_heads is 3;"
            + " the first must be a multiple of the second",
        "head_dim: 31 | test: head_dim is 31; rotary embedding needs an even number",
        "rope_parameters: {rope_type: yarn, rope_theta: 1.0} | test: rope_parameters.rope_type is"
            + " \"yarn\"; give default, or linear with a factor",
        "rope_parameters: {rope_type: default} | test: rope_parameters.rope_theta is missing;"
            + " give a number, 10000 in Gemma 2",
        "rope_parameters: {rope_theta: 5.0} | test: rope_theta is 10000.0;"
            + " rope_parameters.rope_theta says 5.0",
        "rope_parameters: {rope_type: default, rope_theta: 1.0, partial_rotary_factor: 0.5} |"
            + " test: rope_parameters.partial_rotary_factor is 0.5; only whole heads are turned;"
            + " leave it out",
        "rope_scaling: {factor: 2} | test: rope_scaling.factor is 2; give rope_type linear with it",
        "rope_scaling: {rope_type: linear} | test: rope_scaling.factor is missing; give it",
        "rope_scaling: {rope_type: linear, factor: 0} | test: rope_scaling.factor is 0;"
            + " give a finite number above 0",
        "rope_scaling: {rope_type: linear, factor: 2} | test: rope_scaling is"
            + " {\"rope_type\":\"linear\",\"factor\":2}; only the rotary embedding of global"
            + " layers can be scaled; give rope_local_base_freq for the others",
        "rope_local_base_freq: -1 | test: rope_local_base_freq is -1;"
            + " give a finite number above 0",
        "hidden_activation: gelu | test: hidden_activation is \"gelu\";"
            + " give gelu_pytorch_tanh (GeGLU) or silu (SwiGLU)",
        "tie_word_embeddings: false | test: tie_word_embeddings is false;"
            + " Gemma scores tokens with its embedding",
        "attention_bias: true | test: attention_bias is true; Gemma has no biases",
        "model_type: llama | test: model_type is \"llama\";"
            + " only model_type gemma2 and gemma3_text are implemented",
        "model_type: gemma3 | test: model_type is \"gemma3\";"
            + " only model_type gemma2 and gemma3_text are implemented",
        "layer_pattern: mixed | test: layer_pattern is \"mixed\";"
            + " give alternate, all_global, all_sliding or N:1 (as in \"5:1\")",
        "layer_types: [full_attention] | test: layer_types is [\"full_attention\"];"
            + " give a list with one type for each of the 4 layers",
        "layer_types: [a, b, c, d] | test: layer_types is \"a\";"
            + " give sliding_attention or full_attention",
        "norms: none | test: norms is \"none\"; give pre or post or both",
        "qk_norm: 1 | test: qk_norm is 1; give true or false"
      })
  void aBadFieldGetsOneLine(String change, String message) throws Exception {
    ObjectNode json = tiny();
    json.setAll((ObjectNode) new YAMLMapper().readTree(change));
    assertEquals(message, assertThrows(InvalidInput.class, () -> read(json)).getMessage());
  }

  @Test
  void aCapThatIsNotMentionedIsNotGuessed() {
    ObjectNode json = tiny();
    json.remove("attn_logit_softcapping");
    assertEquals(
        "test: attn_logit_softcapping is missing; give a number, or null for no cap",
        assertThrows(InvalidInput.class, () -> read(json)).getMessage());
  }
}
