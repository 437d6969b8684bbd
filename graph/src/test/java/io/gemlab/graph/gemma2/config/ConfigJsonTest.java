package io.gemlab.graph.gemma2.config;

import static io.gemlab.graph.TestFiles.golden;
import static io.gemlab.graph.gemma2.config.LayerType.FULL_ATTENTION;
import static io.gemlab.graph.gemma2.config.LayerType.SLIDING_ATTENTION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.mlp.GatedActivation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class ConfigJsonTest {
  static final List<String> NAMES = Gemma2Presets.NAMES;

  private static Gemma2Config read(ObjectNode json) {
    return ConfigJson.read(json, "test");
  }

  private static ObjectNode tiny() {
    return Gemma2Presets.json("tiny");
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
            + " \"yarn\"; only the default rotary embedding is implemented",
        "rope_parameters: {rope_type: default} | test: rope_parameters.rope_theta is missing;"
            + " give a number, 10000 in Gemma 2",
        "rope_parameters: {rope_theta: 5.0} | test: rope_theta is 10000.0;"
            + " rope_parameters.rope_theta says 5.0",
        "rope_scaling: {factor: 2} | test: rope_scaling is {\"factor\":2};"
            + " only unscaled rotary embeddings are implemented",
        "hidden_activation: gelu | test: hidden_activation is \"gelu\";"
            + " give gelu_pytorch_tanh (GeGLU) or silu (SwiGLU)",
        "tie_word_embeddings: false | test: tie_word_embeddings is false;"
            + " Gemma 2 scores tokens with its embedding",
        "attention_bias: true | test: attention_bias is true; Gemma 2 has no biases",
        "model_type: llama | test: model_type is \"llama\";"
            + " only model_type gemma2 is implemented",
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
