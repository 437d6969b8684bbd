package io.gemlab.experiments.ablate.recipe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Agreement;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Timing;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Training;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.Kind;
import io.gemlab.experiments.recipe.LossSpec;
import io.gemlab.experiments.recipe.OptimizerSpec;
import io.gemlab.experiments.recipe.PathChoice;
import io.gemlab.experiments.recipe.ScheduleSpec;
import io.gemlab.experiments.recipe.ValidationSpec;
import io.gemlab.experiments.recipe.Values;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.reports.statistics.timing.MedianEstimate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * From the keys of a whole recipe, defaults filled in, to what they ask for. Every key that a
 * recipe may have is here or with the record that reads it.
 */
final class RecipeReader {
  static final Key<String> NAME =
      Key.of("name", Kind.TEXT, Values.ANY, "What records and the report call the experiment.");
  static final Key<String> QUESTION =
      Key.of("question", Kind.TEXT, Values.ANY, "What it asks, in a sentence.");
  static final Key<String> PRESET =
      Key.of(
          "preset",
          Kind.TEXT,
          new Values.OneOf(Gemma2Presets.NAMES, ""),
          "The model that all arms start from, with fresh weights.");
  static final Key<String> CHECKPOINT =
      Key.of(
          "checkpoint",
          Kind.TEXT,
          Values.ANY,
          "Instead of `preset`, a Hugging Face folder, whose weights all arms begin with.");
  static final Key<ObjectNode> CONFIG =
      Key.of(
          "config", Kind.MAPPING, Values.ANY, "Keys of the model's config that all arms change.");
  static final Key<Boolean> ALLOW_DEVIATION =
      Key.of(
          "allow_deviation",
          Kind.FLAG,
          Values.ANY,
          "Whether an attention may leave out what it can't do, which the report then says.");
  static final Key<Boolean> PILOT =
      Key.of(
          "pilot",
          Kind.FLAG,
          Values.ANY,
          "Whether this is a trial run: one arm or one seed is enough, and the report draws no"
              + " conclusion.");
  static final Key<List<ObjectNode>> ARMS =
      Key.of("arms", Kind.MAPPINGS, Values.ANY, "What is compared; two or more.");
  static final Key<ObjectNode> GRID =
      Key.of(
          "grid",
          Kind.MAPPING,
          Values.ANY,
          "Instead of `arms`, an arm for each combination of values: `attention` or keys of"
              + " `config` or of an arm's `training`, each with a list.");
  static final Key<String> CONTROL =
      Key.of(
          "control",
          Kind.TEXT,
          Values.ANY,
          "The name of the arm that others are compared with; left out, it is the first.");
  static final Key<ObjectNode> TRAINING =
      Key.of("training", Kind.MAPPING, Values.ANY, "Arms trained under seeds.");
  static final Key<ObjectNode> TUNE =
      Key.of(
          "tune",
          Kind.MAPPING,
          Values.ANY,
          "Learning rates that each arm is tried at first, to be compared at its own best.");
  static final Key<ObjectNode> TIMING =
      Key.of("timing", Kind.MAPPING, Values.ANY, "Time and memory of arms, on paths, at lengths.");
  static final Key<ObjectNode> AGREEMENT =
      Key.of(
          "agreement",
          Kind.MAPPING,
          Values.ANY,
          "Logits of the control's weights, by every path and every arm that can take them.");
  static final Key<ObjectNode> QUICK =
      Key.of(
          "quick",
          Kind.MAPPING,
          Values.ANY,
          "What `--quick` changes of `training`, `timing` and `agreement`, as `arms` the names of"
              + " those that stay, and what `question` they answer.");

  /** At the top. */
  static final List<Key<?>> KEYS =
      List.of(
          NAME,
          QUESTION,
          PRESET,
          CHECKPOINT,
          CONFIG,
          ALLOW_DEVIATION,
          PILOT,
          ARMS,
          GRID,
          CONTROL,
          TRAINING,
          TUNE,
          TIMING,
          AGREEMENT,
          QUICK);

  private static final Key<String> ARM_NAME =
      Key.of("name", Kind.TEXT, Values.ANY, "Its name in the report, unlike any other arm's.");
  static final Key<String> ATTENTION =
      Key.of(
          "attention",
          Kind.TEXT,
          new Values.OneOf(Choices.ATTENTION_LABELS, ""),
          "The implementation of attention.");
  private static final Key<ObjectNode> ARM_CONFIG =
      Key.of("config", Kind.MAPPING, Values.ANY, "Keys of the config that this arm changes.");
  static final Key<ObjectNode> ARM_TRAINING =
      Key.of(
          "training",
          Kind.MAPPING,
          Values.ANY,
          "Keys of `training` that this arm changes; `basis`, `seeds` and `equivalence_margin`"
              + " are all arms'.");

  /** Of an arm. */
  static final List<Key<?>> ARM_KEYS = List.of(ARM_NAME, ATTENTION, ARM_CONFIG, ARM_TRAINING);

  private static final Values PRECISIONS = new Values.OneOf(Choices.PRECISION_NAMES, "");

  private static final Key<String> TRAINING_DTYPE =
      Key.of(
          "dtype", Kind.TEXT, PRECISIONS, "The type computed in; weights and moments are float32.");
  private static final Key<Double> INITIALIZER_RANGE =
      Key.of(
          "initializer_range",
          Kind.NUMBER,
          Values.POSITIVE,
          "The standard deviation of fresh weights.");
  private static final Key<List<Long>> SEEDS =
      Key.of(
          "seeds",
          Kind.INTEGERS,
          Values.ANY,
          "Of fresh weights and of the order of the data, with a `checkpoint` of the order alone;"
              + " every arm runs under each; two or more, better three.");
  private static final Key<Double> EQUIVALENCE_MARGIN =
      Key.of(
          "equivalence_margin",
          Kind.NUMBER,
          Values.POSITIVE,
          "nats a token",
          "The largest difference of validation loss that does not matter.");

  private static final Key<String> BASIS =
      Key.of(
          "basis",
          Kind.TEXT,
          new Values.OneOf(Basis.LABELS, ""),
          "What all arms are trained with the same amount of. `steps` are the control's; under the"
              + " other bases the other arms take as many as come to the control's tokens, FLOPs of"
              + " the model and of a teacher's forward pass, or time, and their warm-up and schedule follow: `warmup_steps` keeps its"
              + " share. Steps for equal time are fixed by a measurement before the first run.");

  /** Of {@code training}, those that an arm may change. */
  static final List<Key<?>> ARM_TRAINING_KEYS =
      Stream.of(
              DataSpec.KEYS,
              PathChoice.KEYS,
              List.of(TRAINING_DTYPE, INITIALIZER_RANGE),
              ScheduleSpec.KEYS,
              OptimizerSpec.KEYS,
              LossSpec.KEYS,
              Taught.KEYS,
              ValidationSpec.KEYS)
          .<Key<?>>flatMap(List::stream)
          .toList();

  /** Of {@code training}. */
  static final List<Key<?>> TRAINING_KEYS =
      Stream.concat(ARM_TRAINING_KEYS.stream(), Stream.of(BASIS, SEEDS, EQUIVALENCE_MARGIN))
          .toList();

  private static final Key<List<String>> TIMED_ARMS =
      Key.of("arms", Kind.TEXTS, Values.ANY, "Names of the arms timed.");
  private static final Key<List<String>> TIMED_PATHS =
      Key.of("paths", Kind.TEXTS, PathChoice.LABELS, "Where they run.");
  private static final Key<String> TIMED_DTYPE =
      Key.of("dtype", Kind.TEXT, PRECISIONS, "The type computed in.");
  private static final Key<Integer> TIMED_BATCH =
      Key.of("batch", Kind.INTEGER, Values.atLeast(1), "sequences", "Sequences of a call.");
  private static final Key<List<Long>> LENGTHS =
      Key.of("lengths", Kind.INTEGERS, Values.atLeast(2), "tokens", "Tokens of a sequence.");
  private static final Key<Integer> SAMPLES =
      Key.of(
          "samples",
          Kind.INTEGER,
          Values.atLeast(MedianEstimate.LEAST_SAMPLES),
          "calls",
          "Timed calls of each program, after those that warm up.");

  /** Of {@code timing}. */
  static final List<Key<?>> TIMING_KEYS =
      List.of(TIMED_ARMS, TIMED_PATHS, TIMED_DTYPE, TIMED_BATCH, LENGTHS, SAMPLES);

  private static final Key<List<String>> AGREEING_PATHS =
      Key.of(
          "paths", Kind.TEXTS, PathChoice.LABELS, "Where they run; the first is the reference's.");
  private static final Key<List<String>> AGREEING_DTYPES =
      Key.of("dtypes", Kind.TEXTS, PRECISIONS, "Types computed in; the first is the reference's.");
  private static final Key<Integer> ROWS =
      Key.of("rows", Kind.INTEGER, Values.atLeast(1), "sequences", "Sequences compared.");
  private static final Key<Integer> AGREEING_LENGTH =
      Key.of("length", Kind.INTEGER, Values.atLeast(1), "tokens", "Tokens of each.");

  /** Of {@code agreement}. */
  static final List<Key<?>> AGREEMENT_KEYS =
      List.of(AGREEING_PATHS, AGREEING_DTYPES, ROWS, AGREEING_LENGTH);

  private RecipeReader() {}

  /** The names of keys. */
  static List<String> names(List<Key<?>> keys) {
    return keys.stream().map(Key::name).toList();
  }

  /**
   * The recipe.
   *
   * @throws InvalidInput if a value is missing or can't be
   */
  static AblationRecipe recipe(Fields top) {
    Optional<Tuning> tuning = top.section(TUNE.name()).map(section -> section.as(Tuning::of));
    Optional<Fields> shared =
        top.section(TRAINING.name())
            .map(section -> tuning.map(rates -> tried(section, rates)).orElse(section));
    Optional<Training> training = shared.map(section -> section.as(RecipeReader::training));
    List<Arm> arms = new ArrayList<>();
    for (Fields arm : top.objects(ARMS.name())) {
      arms.add(arm.as(fields -> arm(fields, top, shared)));
    }
    AblationRecipe recipe =
        new AblationRecipe(
            top.get(NAME),
            top.get(QUESTION),
            flag(top, PILOT),
            checkpoint(top),
            arms,
            training,
            tuning,
            top.section(TIMING.name()).map(section -> section.as(RecipeReader::timing)),
            top.section(AGREEMENT.name()).map(section -> section.as(RecipeReader::agreement)));
    Basis basis = recipe.basis();
    return basis == Basis.STEPS ? recipe : recipe.withEqual(basis::ofAStep);
  }

  /** The lowest rate stands for that of an arm until one is chosen. */
  private static Fields tried(Fields training, Tuning tuning) {
    ObjectNode settings = training.node().deepCopy();
    settings.put(ScheduleSpec.LEARNING_RATE.name(), tuning.learningRates().getFirst());
    return new Fields(training.where(), settings);
  }

  private static Optional<Path> checkpoint(Fields top) {
    if (top.has(CHECKPOINT.name()) == top.has(PRESET.name())) {
      throw new InvalidInput(
          top.has(PRESET.name())
              ? "there are preset and checkpoint; give one of them"
              : "there is no model; give preset or checkpoint");
    }
    return top.has(CHECKPOINT.name())
        ? Optional.of(Path.of(top.get(CHECKPOINT)))
        : Optional.empty();
  }

  /** What an arm's config is made of; a checkpoint's was laid under the recipe's. */
  private static Arm.Changes changes(Fields arm, Fields top) {
    boolean fresh = checkpoint(top).isEmpty();
    return new Arm.Changes(
        fresh ? top.get(PRESET) : CHECKPOINT.name(), // which of them its hash tells
        fresh ? Gemma2Presets.json(top.get(PRESET)) : JsonNodeFactory.instance.objectNode(),
        top.object(CONFIG.name()),
        arm.object(ARM_CONFIG.name()));
  }

  private static Arm arm(Fields arm, Fields top, Optional<Fields> shared) {
    arm.only(names(ARM_KEYS));
    Optional<Fields> changes = arm.section(ARM_TRAINING.name());
    if (changes.isPresent() && shared.isEmpty()) {
      throw new InvalidInput(
          "it has training and the recipe has none; give the recipe training: {} too");
    }
    changes.ifPresent(fields -> requireUsable(fields, shared.orElseThrow()));
    Optional<Fields> settings = shared.map(all -> changes.map(all::under).orElse(all));
    return Arm.of(
        arm.get(ARM_NAME),
        new OpChoice(Choices.attention(arm.get(ATTENTION)), flag(top, ALLOW_DEVIATION)),
        changes(arm, top),
        settings.map(fields -> new Arm.Trained(fields.as(RecipeReader::training), fields.node())));
  }

  private static void requireUsable(Fields changes, Fields shared) {
    changes.only(names(ARM_TRAINING_KEYS));
    String basis = shared.get(BASIS);
    if (basis.equals(Basis.STEPS.label()) || !changes.has(ScheduleSpec.STEPS.name())) return;
    throw new InvalidInput(
        "%s: %s is given, and basis is %s, which sets every arm's; leave it out, or give basis: %s"
            .formatted(changes.where(), ScheduleSpec.STEPS.name(), basis, Basis.STEPS.label()));
  }

  private static boolean flag(Fields fields, Key<Boolean> key) {
    return fields.has(key.name()) && fields.get(key);
  }

  private static Training training(Fields section) {
    return new Training(
        DataSpec.of(section),
        PathChoice.of(section),
        Choices.precision(section.get(TRAINING_DTYPE)),
        section.get(INITIALIZER_RANGE),
        section.get(SEEDS),
        ScheduleSpec.of(section),
        OptimizerSpec.of(section),
        LossSpec.of(section),
        Taught.of(section),
        ValidationSpec.of(section),
        section.get(EQUIVALENCE_MARGIN),
        Basis.of(section.get(BASIS)));
  }

  private static Timing timing(Fields section) {
    return new Timing(
        section.get(TIMED_ARMS),
        paths(section.get(TIMED_PATHS)),
        Choices.precision(section.get(TIMED_DTYPE)),
        section.get(TIMED_BATCH),
        section.get(LENGTHS).stream().map(Math::toIntExact).toList(),
        section.get(SAMPLES));
  }

  private static Agreement agreement(Fields section) {
    return new Agreement(
        paths(section.get(AGREEING_PATHS)),
        section.get(AGREEING_DTYPES).stream().map(Choices::precision).toList(),
        section.get(ROWS),
        section.get(AGREEING_LENGTH));
  }

  private static List<ExecutionPath> paths(List<String> labels) {
    return labels.stream().map(Choices::path).toList();
  }
}
