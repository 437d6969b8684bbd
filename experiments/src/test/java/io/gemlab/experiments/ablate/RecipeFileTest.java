package io.gemlab.experiments.ablate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeFileTest {
  private static final String ARMS =
      """
      name: mine
      question: Which?
      preset: tiny
      arms:
        - {name: one, attention: eager}
        - {name: two, attention: blockwise}
      """;

  @TempDir Path folder;

  @Test
  void theDefaultAnswersWhatItShould() {
    AblationRecipe recipe = RecipeFile.read(Optional.empty(), false).recipe();
    assertEquals("softcap + eager", recipe.control().name());
    assertTrue(recipe.training().orElseThrow().seeds().size() >= 3);
    assertEquals(Choices.PATHS, recipe.timing().orElseThrow().paths());
    assertTrue(recipe.timing().orElseThrow().lengths().size() >= 3);
  }

  @Test
  void quickIsLaidOver() {
    AblationRecipe quick = RecipeFile.read(Optional.empty(), true).recipe();
    AblationRecipe whole = RecipeFile.read(Optional.empty(), false).recipe();
    assertTrue(steps(quick) < steps(whole));
    assertEquals(quick.training().orElseThrow().seeds(), whole.training().orElseThrow().seeds());
  }

  private static int steps(AblationRecipe recipe) {
    return recipe.training().orElseThrow().schedule().steps();
  }

  @Test
  void everyRecipeOfTheProjectIsOne() throws IOException {
    try (Stream<Path> recipes = Files.list(Path.of("..", "recipes"))) {
      List<Path> files = recipes.filter(file -> file.toString().endsWith(".yaml")).toList();
      assertTrue(files.size() >= 2, files.toString());
      for (Path file : files) RecipeFile.read(Optional.of(file), true).recipe();
    }
  }

  @Test
  void leftOutKeysHaveTheDefaultsAndLeftOutSectionsAreNotDone() throws IOException {
    AblationRecipe recipe = read(ARMS + "timing: {lengths: [64]}\n").recipe();
    AblationRecipe.Timing timing = recipe.timing().orElseThrow();
    assertEquals(List.of(64), timing.lengths());
    assertEquals(List.of("one", "two"), timing.arms());
    assertEquals(Precision.FLOAT32, timing.precision());
    assertTrue(recipe.training().isEmpty());
    assertTrue(recipe.agreement().isEmpty());
  }

  /** The default's are 30 of 240 steps. */
  @Test
  void stepsAloneKeepTheShareOfTheWarmUp() throws IOException {
    assertEquals(2, warmup(read(ARMS + "training: {steps: 12}\n").recipe()));
    assertEquals(0, warmup(read(ARMS + "training: {steps: 1}\n").recipe()));
    assertEquals(9, warmup(read(ARMS + "training: {steps: 12, warmup_steps: 9}\n").recipe()));
    String quick = "training: {steps: 100, warmup_steps: 40}\nquick: {training: {steps: 10}}\n";
    assertEquals(4, warmup(read(ARMS + quick, true).recipe()));
  }

  private static int warmup(AblationRecipe recipe) {
    return recipe.training().orElseThrow().schedule().learningRate().warmupSteps();
  }

  @Test
  void shortNamesOfTypesAreTheTypes() throws IOException {
    AblationRecipe recipe =
        read(ARMS
                + "training: {dtype: bf16}\n"
                + "timing: {dtype: fp16}\n"
                + "agreement: {dtypes: [fp32, bf16, float32]}\n")
            .recipe();
    assertEquals(Precision.BFLOAT16, recipe.training().orElseThrow().precision());
    assertEquals(Precision.FLOAT16, recipe.timing().orElseThrow().precision());
    assertEquals(
        List.of(Precision.FLOAT32, Precision.BFLOAT16),
        recipe.agreement().orElseThrow().precisions());
  }

  @Test
  void itsTextReadsBackAsItself() throws IOException {
    RecipeFile file = read(ARMS + "training: {seeds: [4, 5]}\n");
    Path again = Files.writeString(folder.resolve("again.yaml"), file.text());
    assertEquals(file.recipe(), RecipeFile.read(Optional.of(again), false).recipe());
    assertEquals(file.text(), RecipeFile.read(Optional.of(again), false).text());
  }

  /** What stood in the code before it stood in recipes. */
  @Test
  void anOldRecipeHasTheNumbersItAlwaysHad() throws IOException {
    AblationRecipe.Training training =
        read(ARMS + "training: {weight_decay: 0.1, learning_rate: 4.0e-3}\n")
            .recipe()
            .training()
            .orElseThrow();
    assertEquals(new AdamW(0.9, 0.95, 1e-8, 0.1), training.optimizer().adamW());
    assertEquals(new LearningRate(4e-3, 30, 240, 0.1), training.schedule().learningRate());
    assertEquals(ModelWeights.INITIALIZER_RANGE, training.initializerRange());
    assertEquals(0.1, training.validation().bigramSmoothing());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "trainning: {} | key \"trainning\" is not known; did you mean training?",
        "training: {step: 3} | key of training \"step\" is not known; did you mean steps?",
        "training: {steps: many} | training: steps is \"many\"; give a whole number",
        "training: {steps: 0} | training: steps is 0",
        "training: {seeds: [1]} | give at least 2",
        "training: {seeds: [1, 1]} | give at least 2 different ones",
        "training: {path: tpu} | path \"tpu\" is not known",
        "training: {mesh: data=2} | mesh data=2,fsdp=1,model=1 needs the path of a device, and the path is clustered",
        "training: {path: 'pjrt:cpu', mesh: data=3} | can't share out the rows of the batch, 8, evenly",
        "training: {path: 'pjrt:cpu', mesh: 4} | training: mesh is \"4\"; give a text",
        "training: 3 | training is no mapping",
        "training: {steps: 20, warmup_steps: 30} | training: warmup_steps is 30 of 20 steps",
        "training: {beta2: 1} | training: beta2 is 1.0; give a number from 0 to below 1",
        "training: {initializer_range: 0} | training: initializer_range is 0",
        "training: {learning_rate_floor: 2} | floor is 2.0 of its peak",
        "training: {bigram_smoothing: 0} | training: bigram_smoothing is 0",
        "timing: {arms: [three]} | timing.arms: \"three\" is not known",
        "timing: {samples: 4} | timing: samples is 4; give 5 or more",
        "timing: {lengths: [1]} | timing: lengths has 1; give 2 or more",
        "timing: {dtype: bf15} | dtype \"bf15\" is not known",
        "config: {hiden_size: 3} | config key \"hiden_size\" is not known; did you mean hidden_size?",
        "config: {hidden_size: -3} | hidden_size is -3",
        "config: {attn_logit_softcapping: 0} | a cap must be finite and above 0",
        "quick: {steps: 3} | key of quick \"steps\" is not known"
      })
  void refusesInALineThatNamesThePlace(String line, String message) throws IOException {
    InvalidInput refusal =
        assertThrows(
            InvalidInput.class, () -> read(ARMS + line + "\n", line.startsWith("quick")).recipe());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("recipe.yaml"), refusal.getMessage());
  }

  @Test
  void refusesWhatIsNoRecipe() throws IOException {
    for (String text : List.of("", "- 1", "a: [", "name: x", "name: a\nname: b\n")) {
      assertThrows(InvalidInput.class, () -> read(text).recipe(), text);
    }
    assertThrows(
        InvalidInput.class,
        () -> RecipeFile.read(Optional.of(folder.resolve("absent.yaml")), false));
  }

  /** The words are ours: a parser's own name its classes and options. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "arms:\\n\\t- a | a tab; indent with spaces (line 2, column 1)",
        "name: a: b | a colon that makes no key: use quotes, or check the indentation (line 1, column 8)",
        "name: x\\nfoo\\nbar: 1 | a line that is neither \"key: value\" nor part of one (line 3, column 1)",
        "name: [1, 2\\nfoo: 3 | a bracket that isn't closed, or a comma that is missing (line 2, column 4)",
        "name: \"abc | the text ends within quotes (line 1, column 11)",
        "name: @x | \"@\" begins nothing in YAML: use quotes (line 1, column 7)",
        "name: x\\n- y | a line that doesn't fit those above: check the indentation (line 2, column 1)",
        "name: a\\nname: b | the key \"name\" comes twice (line 2, column 5)",
        "name: a\u0001b | a character that YAML doesn't have (character 8)"
      })
  void saysWhereTheYamlIsWrong(String text, String message) throws IOException {
    String lines = text.replace("\\n", "\n").replace("\\t", "\t");
    InvalidInput refusal = assertThrows(InvalidInput.class, () -> read(lines));
    String whole =
        folder.resolve("recipe.yaml") + " is not valid YAML: " + message + "; repair the file";
    assertEquals(whole, refusal.getMessage());
  }

  @Test
  void aByteOrderMarkIsSkipped() throws IOException {
    String text = RecipeFile.read(Optional.empty(), false).text();
    assertEquals(text, read("\ufeff" + text).text());
  }

  private RecipeFile read(String text) throws IOException {
    return read(text, false);
  }

  private RecipeFile read(String text, boolean quick) throws IOException {
    Path file = Files.writeString(folder.resolve("recipe.yaml"), text);
    return RecipeFile.read(Optional.of(file), quick);
  }
}
