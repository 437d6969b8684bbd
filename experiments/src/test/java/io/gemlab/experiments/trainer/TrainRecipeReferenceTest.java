package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.ReferenceTest;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainRecipeReferenceTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{preset: tiny, training: {stepps: 3}} | stepps",
        "{preset: tiny, training: {steps: 0}} | training.steps",
        "{preset: tiny, training: {token_type: uint8}} | training.token_type",
        "{preset: tiny, lora: {base_dtype: int2}} | lora.base_dtype",
        "{preset: tiny, checkpoint: dir} | one",
        "{name: mine} | one"
      })
  void theSchemaFindsWhatIsWrong(String recipe, String part) throws IOException {
    List<String> problems = problems(recipe);
    assertTrue(problems.toString().contains(part), problems::toString);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{preset: tiny, training: {token_type: null, mesh: null, ema_decay: 0.9}}",
        "{checkpoint: dir, lora: {rank: 4, targets: [q_proj]}, training: {path: 'pjrt:cpu'}}",
        "{config_file: config.json, config: {attn_logit_softcapping: null}}"
      })
  void theSchemaTakesWhatIsRight(String recipe) throws IOException {
    assertEquals(List.of(), problems(recipe));
  }

  private static List<String> problems(String recipe) throws IOException {
    return ReferenceTest.problems(TrainRecipeReference.of(), recipe);
  }

  /** What has a default is a key, and what is a key of a section has a default. */
  @Test
  void theDefaultRecipeHasEveryKeyOfASection() {
    ObjectNode defaults = TrainRecipeFile.defaults();
    TrainRecipeFile.SECTIONS.forEach(
        (section, keys) -> {
          Set<String> given = new HashSet<>();
          defaults.path(section).fieldNames().forEachRemaining(given::add);
          assertEquals(keys.stream().map(Key::name).collect(Collectors.toSet()), given, section);
        });
  }
}
