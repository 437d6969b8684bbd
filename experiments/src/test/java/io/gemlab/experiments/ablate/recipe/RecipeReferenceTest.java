package io.gemlab.experiments.ablate.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.ConfigKeys;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.ReferenceTest;
import io.gemlab.experiments.recipe.Values;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.config.ConfigJson;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Schema, default recipe and code say the same of a recipe's keys. */
class RecipeReferenceTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "training: {stepps: 3} | stepps",
        "training: {steps: 0} | training.steps",
        "training: {path: nowhere} | training.path",
        "training: {seeds: 3} | training.seeds",
        "timing: {lengths: [1]} | timing.lengths[0]",
        "config: {attn_logit_softcapping: 0} | config.attn_logit_softcapping",
        "grid: {cap: [50]} | one",
        "checkpoint: folder | one",
        "tune: {learning_rate: [0], seeds: [4]} | tune.learning_rate[0]",
        "tune: {learning_rate: [0.1, 0.2]} | seeds",
        "quick: {timing: {sampels: 5}} | sampels"
      })
  void theSchemaFindsWhatIsWrong(String line, String part) throws IOException {
    List<String> problems = problems(RECIPE + line + "\n");
    assertTrue(problems.toString().contains(part), problems::toString);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "training: {path: 'pjrt:cpu', dtype: bf16, mesh: null}",
        "config: {attn_logit_softcapping: null, layer_pattern: '5:1'}",
        "pilot: true"
      })
  void theSchemaTakesWhatIsRight(String line) throws IOException {
    assertEquals(List.of(), problems(RECIPE + line + "\n"));
  }

  private static final String RECIPE =
      """
      name: mine
      question: Which?
      preset: tiny
      arms:
        - {name: one, attention: eager}
        - {name: two, attention: eager, training: {dtype: bf16}, config: {qk_norm: true}}
      """;

  private static List<String> problems(String yaml) throws IOException {
    return ReferenceTest.problems(RecipeReference.of(), yaml);
  }

  /** What has a default is a key, and what is a key of a section has a default. */
  @Test
  void theDefaultRecipeHasEveryKeyOfASection() {
    ObjectNode whole = RecipeFile.builtIn();
    assertEquals(names(RecipeReader.TRAINING_KEYS), keys(whole, "training"));
    assertEquals(names(RecipeReader.TIMING_KEYS), keys(whole, "timing"));
    assertEquals(names(RecipeReader.AGREEMENT_KEYS), keys(whole, "agreement"));
  }

  private static Set<String> names(List<Key<?>> keys) {
    return new HashSet<>(RecipeReader.names(keys));
  }

  private static Set<String> keys(ObjectNode whole, String section) {
    Set<String> keys = new HashSet<>();
    whole.path(section).fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  @Test
  void theConfigsKeysAreThoseThatAConfigHas() {
    assertEquals(ConfigJson.KEYS, RecipeReader.names(ConfigKeys.KEYS));
  }

  /** A grid's key means one thing. */
  @Test
  void configAndTrainingShareNoKey() {
    List<String> keys = RecipeReader.names(Grid.keys());
    assertEquals(keys.size(), new HashSet<>(keys).size(), keys.toString());
  }

  /** A range that is said is one that is held to. */
  @Test
  void whatIsOutOfRangeIsRefused() {
    refusesOutOfRange("training", RecipeReader.TRAINING_KEYS);
    refusesOutOfRange("timing", RecipeReader.TIMING_KEYS);
    refusesOutOfRange("agreement", RecipeReader.AGREEMENT_KEYS);
    refusesOutOfRange("config", ConfigKeys.KEYS);
  }

  private static void refusesOutOfRange(String section, List<Key<?>> keys) {
    for (Key<?> key : keys) {
      if (!(key.values() instanceof Values.Range range)) continue;
      refuses(section, key, range.aboveLeast() ? range.least() : range.least() - 1);
      if (Double.isFinite(range.most())) {
        refuses(section, key, range.belowMost() ? range.most() : range.most() + 1);
      }
    }
  }

  private static void refuses(String section, Key<?> key, double value) {
    ObjectNode whole = RecipeFile.builtIn();
    ObjectNode node = whole.withObjectProperty(section);
    boolean list = key.kind().elements().isPresent();
    JsonNodeFactory json = JsonNodeFactory.instance;
    var number =
        value == Math.rint(value) && !key.kind().schemaType().equals("number")
            ? json.numberNode((long) value)
            : json.numberNode(value);
    if (list) node.putArray(key.name()).add(number);
    else node.set(key.name(), number);
    assertThrows(
        InvalidInput.class,
        () -> new Fields("recipe", whole).as(RecipeReader::recipe),
        section + "." + key.name() + " " + value);
  }
}
