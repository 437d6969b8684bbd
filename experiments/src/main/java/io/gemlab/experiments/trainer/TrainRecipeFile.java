package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.ConfigKeys;
import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.KeyChange;
import io.gemlab.experiments.recipe.Kind;
import io.gemlab.experiments.recipe.LossSpec;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.experiments.recipe.OptimizerSpec;
import io.gemlab.experiments.recipe.PathChoice;
import io.gemlab.experiments.recipe.RecipeYaml;
import io.gemlab.experiments.recipe.RowsSpec;
import io.gemlab.experiments.recipe.ScheduleSpec;
import io.gemlab.experiments.recipe.ValidationSpec;
import io.gemlab.experiments.recipe.Values;
import io.gemlab.graph.base.checkpoint.CheckpointKind;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.decode.Sampling;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.runtime.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Recipes of training runs in YAML. What a recipe leaves out has the value of {@code
 * recipes/train/tiny.yaml}.
 */
final class TrainRecipeFile {
  private static final String DEFAULT = "tiny.yaml";

  private static final Key<String> NAME =
      Key.of("name", Kind.TEXT, Values.ANY, "What the report calls the run.");
  private static final Key<String> PRESET =
      Key.of(
          "preset",
          Kind.TEXT,
          new Values.OneOf(Gemma2Presets.NAMES, ""),
          "A built-in model, trained from fresh weights.");
  private static final Key<String> CONFIG_FILE =
      Key.of(
          "config_file",
          Kind.TEXT,
          Values.ANY,
          "Instead of `preset`, a `config.json`, trained from fresh weights.");
  private static final Key<String> CHECKPOINT =
      Key.of(
          "checkpoint",
          Kind.TEXT,
          Values.ANY,
          "Instead of `preset`, a Hugging Face folder, whose weights the run begins with.");
  private static final Key<ObjectNode> CONFIG =
      Key.of("config", Kind.MAPPING, Values.ANY, "Keys of the model's config that are changed.");
  private static final Key<String> ATTENTION =
      Key.of(
          "attention",
          Kind.TEXT,
          new Values.OneOf(Choices.ATTENTION_LABELS, ""),
          "The implementation of attention.");
  private static final Key<Boolean> ALLOW_DEVIATION =
      Key.of(
          "allow_deviation",
          Kind.FLAG,
          Values.ANY,
          "Whether attention may leave out what it can't do, which the report then says.");
  private static final Key<ObjectNode> TRAINING =
      Key.of("training", Kind.MAPPING, Values.ANY, "What is trained on, where, how and how long.");
  private static final Key<ObjectNode> CHECKPOINTS =
      Key.of("checkpoints", Kind.MAPPING, Values.ANY, "What is kept of the run, and how often.");
  private static final Key<ObjectNode> SAMPLES =
      Key.of(
          "samples",
          Kind.MAPPING,
          Values.ANY,
          "Text that is generated at each point of the validation curve.");

  private static final Key<ObjectNode> LORA =
      Key.of("lora", Kind.MAPPING, Values.ANY, "An adapter that is trained instead of the model.");

  private static final Key<ObjectNode> DISTILL =
      Key.of("distill", Kind.MAPPING, Values.ANY, "A teacher whose probabilities are learnt.");

  /** At the top. */
  static final List<Key<?>> KEYS =
      List.of(
          NAME,
          PRESET,
          CONFIG_FILE,
          CHECKPOINT,
          CONFIG,
          ATTENTION,
          ALLOW_DEVIATION,
          LORA,
          DISTILL,
          TRAINING,
          CHECKPOINTS,
          SAMPLES);

  private static final Key<String> DTYPE =
      Key.of(
          "dtype",
          Kind.TEXT,
          new Values.OneOf(Choices.PRECISION_NAMES, ""),
          "The type computed in; moments are float32, and `weights_dtype` is that of weights.");
  private static final Key<String> LAYERS =
      Key.of(
          "layers",
          Kind.TEXT,
          new Values.OneOf(Stream.of(Depth.Layers.values()).map(Depth.Layers::label).toList(), ""),
          "Whether the program holds every layer, or a loop over them.");
  private static final Key<String> REMAT =
      Key.of(
          "remat",
          Kind.TEXT,
          new Values.OneOf(Stream.of(Depth.Remat.values()).map(Depth.Remat::label).toList(), ""),
          "What the gradient computes again instead of keeping it.");
  private static final Key<Integer> ACCUMULATE =
      Key.of(
          "accumulate",
          Kind.INTEGER,
          Values.atLeast(1),
          "micro-batches",
          "How many pieces a step's batch is computed in, one after the other; the step is the same.");
  private static final Key<Integer> SEED =
      Key.of("seed", Kind.INTEGER, Values.ANY, "Of fresh weights.");
  private static final Key<Double> INITIALIZER_RANGE =
      Key.of(
          "initializer_range",
          Kind.NUMBER,
          Values.POSITIVE,
          "The standard deviation of fresh weights.");

  /** Of {@code training}. */
  static final List<Key<?>> TRAINING_KEYS =
      Stream.of(
              DataSpec.KEYS,
              RowsSpec.KEYS,
              List.of(ACCUMULATE),
              PathChoice.KEYS,
              List.of(DTYPE, LAYERS, REMAT, SEED, INITIALIZER_RANGE),
              ScheduleSpec.KEYS,
              OptimizerSpec.KEYS,
              LossSpec.KEYS,
              Method.KEYS,
              ValidationSpec.KEYS)
          .<Key<?>>flatMap(List::stream)
          .toList();

  private static final Key<Integer> EVERY =
      Key.of(
          "every",
          Kind.INTEGER,
          Values.atLeast(1),
          "steps",
          "Steps from one checkpoint to the next; the last step has one too.");
  private static final Key<Integer> KEEP =
      Key.of(
          "keep", Kind.INTEGER, Values.atLeast(1), "checkpoints", "How many of the newest stay.");
  private static final Key<String> STORED =
      Key.of(
          "dtype",
          Kind.TEXT,
          new Values.OneOf(Choices.PRECISION_NAMES, ""),
          "The type of their weights; a run goes on from float32 masters beside them.");

  /** Of {@code checkpoints}. */
  static final List<Key<?>> CHECKPOINT_KEYS = List.of(EVERY, KEEP, STORED);

  private static final Key<List<String>> PROMPTS =
      Key.of("prompts", Kind.TEXTS, Values.ANY, "What each begins with; `[]` for no samples.");
  private static final Key<Integer> NEW_TOKENS =
      Key.of("new_tokens", Kind.INTEGER, Values.atLeast(1), "tokens", "Tokens at most after each.");
  private static final Key<Double> TEMPERATURE =
      Key.of(
          "temperature",
          Kind.NUMBER,
          Values.atLeast(0),
          "What logits are divided by before a token is drawn; 0 for the likeliest.");

  /** Of {@code samples}. */
  static final List<Key<?>> SAMPLE_KEYS = List.of(PROMPTS, NEW_TOKENS, TEMPERATURE);

  /** Sections that every run has, if only by default, and their keys. */
  static final SequencedMap<String, List<Key<?>>> SECTIONS = sections();

  private static SequencedMap<String, List<Key<?>>> sections() {
    SequencedMap<String, List<Key<?>>> sections = new LinkedHashMap<>();
    sections.put(LORA.name(), AdapterSpec.KEYS);
    sections.put(DISTILL.name(), DistillSpec.KEYS);
    sections.put(TRAINING.name(), TRAINING_KEYS);
    sections.put(CHECKPOINTS.name(), CHECKPOINT_KEYS);
    sections.put(SAMPLES.name(), SAMPLE_KEYS);
    return Collections.unmodifiableSequencedMap(sections);
  }

  /** Where the model comes from: a recipe has one of them. */
  static final List<Key<String>> SOURCES = List.of(PRESET, CONFIG_FILE, CHECKPOINT);

  /** What a run that goes on may have otherwise than before: it changes no step that was taken. */
  private static final List<String> FREE =
      List.of(
          NAME.name(),
          TRAINING.name() + ".steps",
          TRAINING.name() + ".path",
          TRAINING.name() + ".mesh",
          TRAINING.name() + "." + ACCUMULATE.name(),
          TRAINING.name() + ".evaluate_every",
          CHECKPOINTS.name(),
          SAMPLES.name());

  private final String where;
  private final ObjectNode tree;

  private TrainRecipeFile(String where, ObjectNode tree) {
    this.where = where;
    this.tree = tree;
  }

  /**
   * Reads a recipe.
   *
   * @param changes {@code KEY=VALUE}, laid over it
   * @throws InvalidInput if it is not a recipe
   */
  static TrainRecipeFile read(Path file, List<String> changes) {
    ObjectNode tree = RecipeYaml.read(file);
    new Fields(file.toString(), tree).only(KEYS.stream().map(Key::name).toList());
    Map<String, List<Key<?>>> changeable = new HashMap<>(SECTIONS);
    changeable.put(CONFIG.name(), ConfigKeys.KEYS);
    for (String change : changes) KeyChange.of(change).apply(tree, KEYS, changeable);
    ObjectNode defaults = defaults();
    for (String section : SECTIONS.keySet()) {
      ObjectNode whole = (ObjectNode) defaults.get(section);
      RecipeYaml.lay(
          file + ": key of " + section, whole, new Fields(file.toString(), tree).object(section));
      tree.set(section, whole);
    }
    for (Key<?> key : List.of(ATTENTION, ALLOW_DEVIATION)) {
      if (!tree.hasNonNull(key.name())) tree.set(key.name(), defaults.get(key.name()));
    }
    if (!tree.hasNonNull(NAME.name())) {
      tree.put(NAME.name(), file.getFileName().toString().replaceFirst("\\.ya?ml$", ""));
    }
    return new TrainRecipeFile(file.toString(), tree);
  }

  /**
   * Reads a recipe that is whole, as {@link #text} wrote it.
   *
   * @throws InvalidInput if it is not valid YAML
   */
  static TrainRecipeFile parse(String text) {
    return new TrainRecipeFile("recipe", RecipeYaml.parse("recipe", text));
  }

  /** The values of what a recipe leaves out. */
  static ObjectNode defaults() {
    return RecipeYaml.builtIn(TrainRecipeFile.class, DEFAULT);
  }

  /** The whole recipe, every default filled in. */
  String text() {
    return RecipeYaml.text(tree);
  }

  /**
   * What shapes the run otherwise than in an earlier recipe, for people; empty where nothing does.
   */
  Optional<String> difference(TrainRecipeFile before) {
    return difference("", before.tree, tree, FREE)
        .map(found -> "%s was %s and is %s now".formatted(found.key(), found.other(), found.own()));
  }

  /** The first key that another recipe has otherwise, whatever it means; empty where none is. */
  Optional<Difference> whatDiffers(TrainRecipeFile other) {
    return difference("", other.tree, tree, List.of());
  }

  /**
   * A key that two recipes have otherwise.
   *
   * @param other the other recipe's value, for people
   * @param own this recipe's
   */
  record Difference(String key, String other, String own) {}

  private static Optional<Difference> difference(
      String at, JsonNode other, JsonNode own, List<String> free) {
    if (free.contains(at) || other.equals(own)) return Optional.empty();
    if (other.isObject() && own.isObject()) {
      TreeSet<String> keys = new TreeSet<>();
      other.fieldNames().forEachRemaining(keys::add);
      own.fieldNames().forEachRemaining(keys::add);
      for (String key : keys) {
        Optional<Difference> found =
            difference(at.isEmpty() ? key : at + "." + key, other.path(key), own.path(key), free);
        if (found.isPresent()) return found;
      }
      return Optional.empty();
    }
    return Optional.of(new Difference(at, shown(other), shown(own)));
  }

  private static String shown(JsonNode value) {
    if (value.isMissingNode()) return "absent";
    return value.isNumber() ? value.toString() : InvalidInput.shown(value.asText());
  }

  /**
   * The recipe.
   *
   * @throws InvalidInput if a value is missing or can't be
   */
  TrainRecipe recipe() {
    return new Fields(where, tree).as(this::recipe);
  }

  private TrainRecipe recipe(Fields top) {
    Fields training = top.section(TRAINING.name()).orElseThrow();
    Optional<Path> checkpoint =
        top.has(CHECKPOINT.name()) ? Optional.of(Path.of(top.get(CHECKPOINT))) : Optional.empty();
    Optional<AdapterSpec> adapter = top.section(LORA.name()).orElseThrow().as(AdapterSpec::of);
    ModelSpec model = model(top, training, checkpoint);
    return new TrainRecipe(
        top.get(NAME),
        adapter.map(spec -> model.withQuantization(spec.base().quantization)).orElse(model),
        adapter,
        top.section(DISTILL.name()).orElseThrow().as(DistillSpec::of),
        training.as(
            fields ->
                new TrainRecipe.Begin(checkpoint, fields.get(SEED), fields.get(INITIALIZER_RANGE))),
        training.as(DataSpec::of),
        training.as(RowsSpec::of),
        training.get(ACCUMULATE),
        training.as(PathChoice::of),
        training.as(ScheduleSpec::of),
        training.as(OptimizerSpec::of),
        training.as(LossSpec::of),
        training.as(Method::of),
        training.as(ValidationSpec::of),
        top.section(CHECKPOINTS.name())
            .orElseThrow()
            .as(
                fields ->
                    new TrainRecipe.Checkpointing(
                        fields.get(EVERY),
                        fields.get(KEEP),
                        Tensors.elementType(Choices.precision(fields.get(STORED)).type()))),
        top.section(SAMPLES.name()).orElseThrow().as(TrainRecipeFile::samples));
  }

  private static TrainRecipe.Samples samples(Fields fields) {
    return new TrainRecipe.Samples(
        fields.get(PROMPTS),
        fields.get(NEW_TOKENS),
        new Sampling(fields.get(TEMPERATURE), 0, 1, 1));
  }

  private ModelSpec model(Fields top, Fields training, Optional<Path> checkpoint) {
    List<String> given = new ArrayList<>();
    for (Key<String> key : SOURCES) {
      if (top.has(key.name())) given.add(key.name());
    }
    if (given.size() != 1) {
      throw new InvalidInput(
          given.isEmpty()
              ? "there is no model; give preset, config_file or checkpoint"
              : "there are %s; give one of them".formatted(String.join(" and ", given)));
    }
    ObjectNode json;
    String name;
    if (checkpoint.isPresent()) {
      CheckpointKind.requireReadable(checkpoint.get());
      json = ConfigJson.switches(checkpoint.get().resolve("config.json"));
      name = checkpoint.get().toString();
    } else if (top.has(CONFIG_FILE.name())) {
      name = top.get(CONFIG_FILE);
      json = ConfigJson.switches(Path.of(name));
    } else {
      name = top.get(PRESET);
      json = Gemma2Presets.json(name);
    }
    ConfigJson.change(json, top.object(CONFIG.name()), where);
    return training.as(
        fields ->
            new ModelSpec(
                name,
                ConfigJson.read(json, name),
                new OpChoice(Choices.attention(top.get(ATTENTION)), top.get(ALLOW_DEVIATION)),
                Choices.precision(fields.get(DTYPE)),
                new Depth(Choices.layers(fields.get(LAYERS)), Choices.remat(fields.get(REMAT))),
                Quantization.NONE));
  }
}
