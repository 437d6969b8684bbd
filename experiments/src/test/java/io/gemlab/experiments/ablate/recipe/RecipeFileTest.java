package io.gemlab.experiments.ablate.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    AblationRecipe recipe = RecipeFile.read(Optional.empty(), false, List.of()).recipe();
    assertEquals("softcap + eager", recipe.control().name());
    assertTrue(recipe.training().orElseThrow().seeds().size() >= 3);
    assertEquals(Choices.PATHS, recipe.timing().orElseThrow().paths());
    assertTrue(recipe.timing().orElseThrow().lengths().size() >= 3);
  }

  @Test
  void quickIsLaidOver() {
    AblationRecipe quick = RecipeFile.read(Optional.empty(), true, List.of()).recipe();
    AblationRecipe whole = RecipeFile.read(Optional.empty(), false, List.of()).recipe();
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
      List<RecipeChange> own =
          List.of(RecipeChange.of("checkpoint=" + SmallModel.checkpoint(folder)));
      for (Path file : files) {
        boolean begun = Files.readString(file).contains("\ncheckpoint: ");
        RecipeFile.read(Optional.of(file), true, begun ? own : taught(file)).recipe();
      }
    }
  }

  /** What a teacher's file would say, where a recipe names one. */
  private static List<RecipeChange> taught(Path file) throws IOException {
    return Files.readString(file).contains("{teacher: ")
        ? List.of(RecipeChange.of("arms.distilled.training.teacher_flops=1"))
        : List.of();
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
    assertEquals(file.recipe(), RecipeFile.read(Optional.of(again), false, List.of()).recipe());
    assertEquals(file.text(), RecipeFile.read(Optional.of(again), false, List.of()).text());
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
        "control: thre | control \"thre\" is not known",
        "grid: {cap: [50]} | there are arms and a grid",
        "checkpoint: nowhere | there are preset and checkpoint; give one of them",
        "tune: {seeds: [4]} | tune: learning_rate is missing; give a list of numbers",
        "tune: {learning_rate: [0.1, 0.1], seeds: [4]} | tune: learning_rate is [0.1, 0.1]; give two",
        "tune: {learning_rate: [0.1, 0], seeds: [4]} | tune: learning_rate is 0.0",
        "tune: {learning_rate: [0.1, 0.2], seeds: []} | tune: seeds is []; give one or more",
        "tune: {learning_rate: [0.1, 0.2], sed: [4]} | did you mean seeds?",
        "tune: {learning_rate: [0.1, 0.2], seeds: [4]} | there is tune and no training",
        "pilot: 1 | pilot is \"1\"; give true or false",
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "seeds: [1, 2] | seeds: [1, 4] | tune: seeds has 4, which is one of training's",
        "seeds: [1, 2] | seeds: [1, 2], learning_rate: 0.1 | training: learning_rate is given, and tune sets",
        "eager} | eager, training: {learning_rate: 0.1}} | arm \"one\": training: learning_rate is given",
        "preset: tiny | checkpoint: nowhere | nowhere",
        "preset: tiny | pilot: false | there is no model; give preset or checkpoint"
      })
  void refusesWhatTuningLeavesNoRoomFor(String good, String bad, String message)
      throws IOException {
    String tuned =
        ARMS + "training: {seeds: [1, 2]}\ntune: {learning_rate: [0.2, 0.1], seeds: [4, 5]}\n";
    assertEquals(List.of(0.1, 0.2), read(tuned).recipe().tuning().orElseThrow().learningRates());
    assertRefused(tuned.replaceFirst(Pattern.quote(good), Matcher.quoteReplacement(bad)), message);
  }

  private static final String GRID =
      """
      name: mine
      question: Which?
      preset: tiny
      training: {steps: 40}
      grid: {learning_rate: [1.0e-3, 0.01], cap: [null, 50, 30.5], attention: [blockwise]}
      """;

  @Test
  void aGridIsAnArmForEveryCombination() throws IOException {
    AblationRecipe recipe = read(GRID).recipe();
    assertEquals(
        List.of(
            "learning_rate 0.001, cap none",
            "learning_rate 0.001, cap 50",
            "learning_rate 0.001, cap 30.5",
            "learning_rate 0.01, cap none",
            "learning_rate 0.01, cap 50",
            "learning_rate 0.01, cap 30.5"),
        recipe.arms().stream().map(AblationRecipe.Arm::name).toList());
    AblationRecipe.Arm last = recipe.arms().getLast();
    assertEquals("blockwise", last.model().ops().attention().label());
    assertEquals(30.5, last.config().attnLogitSoftcapping().cap().orElseThrow());
    assertEquals(0.01, last.training().schedule().learningRate().peak());
    assertEquals(0.001, recipe.control().training().schedule().learningRate().peak());
    RecipeFile file = read(GRID);
    assertEquals(file.text(), read(file.text()).text());
  }

  @Test
  void controlNamesTheArmThatComesFirst() throws IOException {
    String control = "learning_rate 0.01, cap none";
    assertEquals(control, read(GRID + "control: " + control + "\n").recipe().control().name());
  }

  @Test
  void aGridsKeyIsOneOfConfigOrTraining() throws IOException {
    assertRefused(
        GRID.replace("cap:", "capp:"), "key of grid \"capp\" is not known; did you mean cap?");
    assertRefused(GRID.replace("[blockwise]", "blockwise"), "give a list of values");
    assertRefused(GRID.replace("cap:", "seeds:"), "key of grid \"seeds\" is not known");
  }

  @Test
  void anArmChangesHowItIsTrained() throws IOException {
    AblationRecipe recipe =
        read(ARMS.replace(
                    "blockwise}",
                    "blockwise, training: {learning_rate: 1.0e-3, dtype: bf16, batch: 4}}")
                + "training: {steps: 40}\n")
            .recipe();
    AblationRecipe.Training one = recipe.control().training();
    AblationRecipe.Training two = recipe.arms().getLast().training();
    assertEquals(recipe.training().orElseThrow(), one);
    assertEquals(1e-3, two.schedule().learningRate().peak());
    assertEquals(Precision.BFLOAT16, two.precision());
    assertEquals(4, two.data().batch());
    assertEquals(40, two.steps());
    assertEquals(
        List.of("batch 8", "dtype float32", "learning_rate 0.004"),
        Factors.ofTraining(recipe, recipe.control()).stream()
            .map(factor -> factor.getName() + " " + factor.getLevel())
            .sorted()
            .toList());
  }

  /**
   * Arms of a basis: steps that come to what the control takes, and the warm-up's share of them.
   */
  @ParameterizedTest
  @CsvSource({"steps, 12, 4", "tokens, 24, 8", "flops, 24, 8", "time, 12, 4"})
  void stepsFollowTheBasis(String basis, int steps, int warmup) throws IOException {
    AblationRecipe recipe =
        read(ARMS.replace("blockwise}", "blockwise, training: {batch: 4}}")
                + "training: {steps: 12, warmup_steps: 4, basis: %s}\n".formatted(basis))
            .recipe();
    assertEquals(12, recipe.control().training().steps());
    assertEquals(steps, recipe.arm("two").training().steps());
    assertEquals(warmup, recipe.arm("two").training().schedule().learningRate().warmupSteps());
  }

  /** Half the width of the feed-forward layers, whose FLOPs are most but not all of a model's. */
  @Test
  void equalFlopsAreThoseOfTheModel() throws IOException {
    AblationRecipe recipe =
        read(ARMS.replace("blockwise}", "blockwise, config: {intermediate_size: 256}}")
                + "training: {steps: 1000, basis: flops}\n")
            .recipe();
    Arm one = recipe.control();
    Arm two = recipe.arm("two");
    assertTrue(two.training().steps() > 1300 && two.training().steps() < 2000);
    assertEquals(1, two.flopsAStep() * two.training().steps() / (one.flopsAStep() * 1000), 1e-3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{seeds: [1, 2]} | arms[1]: training: key \"seeds\" is not known",
        "{stepps: 3} | did you mean steps?",
        "{steps: 0} | steps is 0",
        "3 | arms[1]: training is \"3\"; give keys and values"
      })
  void refusesAnArmsTraining(String training, String message) throws IOException {
    assertRefused(
        ARMS.replace("blockwise}", "blockwise, training: " + training + "}") + "training: {}\n",
        message);
  }

  @Test
  void aBasisThatCantBeMetIsRefused() throws IOException {
    String flops = "training: {steps: 12, basis: flops}\n";
    assertRefused(
        ARMS.replace("blockwise}", "blockwise, training: {steps: 3}}") + flops,
        "arms[1]: training: steps is given, and basis is flops");
    assertRefused(
        ARMS.replace("blockwise}", "blockwise, training: {batch: 800}}") + flops,
        "basis flops: arm \"two\" would take 0.12 steps for the model FLOPs of the control's 12");
    assertRefused(ARMS + "training: {basis: flop}\n", "did you mean flops?");
  }

  @Test
  void anArmsTrainingNeedsTheRecipes() throws IOException {
    assertRefused(
        ARMS.replace("blockwise}", "blockwise, training: {steps: 3}}"),
        "it has training and the recipe has none");
  }

  @Test
  void aPilotNeedsOneSeedAndOneArm() throws IOException {
    String one = ARMS.replace("  - {name: two, attention: blockwise}\n", "");
    assertRefused(one, "give two or more, the control first");
    assertRefused(ARMS + "training: {seeds: [1]}\n", "seeds is [1]; give at least 2");
    AblationRecipe pilot = read(one + "pilot: true\ntraining: {seeds: [1]}\n").recipe();
    assertTrue(pilot.pilot());
    assertEquals(1, pilot.arms().size());
  }

  @Test
  void stepsThatAreSetKeepTheShareOfTheWarmUp() throws IOException {
    String training = "training: {steps: 100, warmup_steps: 40}\nquick: {}\n";
    assertEquals(8, warmup(set(ARMS + training, "training.steps=20").recipe()));
    assertEquals(
        1, warmup(set(ARMS + training, "training.steps=20", "training.warmup_steps=1").recipe()));
  }

  @Test
  void whatIsSetLiesOverTheRecipeAndItsQuickSettings() throws IOException {
    RecipeFile file =
        set(
            ARMS + "training: {steps: 100}\nquick: {training: {steps: 10}}\n",
            "training.steps=40",
            "training.seeds=[7, 8]",
            "timing={}",
            "timing.samples=9",
            "config.sliding_window=16",
            "arms.two.training.learning_rate=1e-3",
            "arms.one.attention=sdpa");
    AblationRecipe recipe = file.recipe();
    assertEquals(40, recipe.control().training().steps());
    assertEquals(List.of(7L, 8L), recipe.control().training().seeds());
    assertEquals(9, recipe.timing().orElseThrow().samples());
    assertEquals(16, recipe.control().config().slidingWindow());
    assertEquals(1e-3, recipe.arm("two").training().schedule().learningRate().peak());
    assertEquals("sdpa", recipe.control().model().ops().attention().label());
    assertTrue(file.text().contains("steps: 40"), file.text());
    assertTrue(set(ARMS + "training: {}\n", "training=null").recipe().training().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "training.step=40 | key of training \"step\" is not known; did you mean steps?",
        "trainig.steps=40 | key \"trainig\" is not known; did you mean training?",
        "training.steps | has no key and value; give training.steps=40",
        "training.steps=[ | the value is not valid YAML",
        "arms.tow.attention=eager | arm \"tow\" is not known; there is one, two",
        "arms.two.config.cap=3 | key of config \"cap\" is not known",
        "name.x=3 | name has no keys of its own",
        "training.steps=0 | training: steps is 0"
      })
  void refusesWhatCantBeSet(String change, String message) throws IOException {
    InvalidInput refusal =
        assertThrows(InvalidInput.class, () -> set(ARMS + "training: {}\n", change).recipe());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }

  private RecipeFile set(String text, String... changes) throws IOException {
    Path file = Files.writeString(folder.resolve("recipe.yaml"), text);
    return new RecipeChoice(Optional.of(file), true, List.of(changes)).file();
  }

  private void assertRefused(String text, String message) throws IOException {
    InvalidInput refusal = assertThrows(InvalidInput.class, () -> read(text).recipe());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }

  @Test
  void refusesWhatIsNoRecipe() throws IOException {
    for (String text : List.of("", "- 1", "a: [", "name: x", "name: a\nname: b\n")) {
      assertThrows(InvalidInput.class, () -> read(text).recipe(), text);
    }
    assertThrows(InvalidInput.class, () -> RecipeFile.read(folder.resolve("absent.yaml")));
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
    String text = RecipeFile.read(Optional.empty(), false, List.of()).text();
    assertEquals(text, read("\ufeff" + text).text());
  }

  private RecipeFile read(String text) throws IOException {
    return read(text, false);
  }

  private RecipeFile read(String text, boolean quick) throws IOException {
    Path file = Files.writeString(folder.resolve("recipe.yaml"), text);
    return RecipeFile.read(Optional.of(file), quick, List.of());
  }
}
