package io.gemlab.experiments.ablate.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.RecipeYaml;
import io.gemlab.experiments.recipe.ScheduleSpec;
import io.gemlab.graph.base.checkpoint.CheckpointKind;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.gemma2.config.ConfigJson;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Recipes in YAML. A section that is left out is not done; a key that a section leaves out has the
 * default recipe's value, and {@code timing.arms} names all arms.
 */
public final class RecipeFile {
  private static final String DEFAULT = "softcap-attention.yaml";
  private static final String STEPS = "steps";
  private static final String WARMUP = "warmup_steps";
  private static final String RATE = ScheduleSpec.LEARNING_RATE.name();
  private static final String CONFIG = RecipeReader.CONFIG.name();
  private static final List<String> SECTIONS =
      List.of(
          RecipeReader.TRAINING.name(), RecipeReader.TIMING.name(), RecipeReader.AGREEMENT.name());

  private final String where;
  private final ObjectNode tree;

  private static final String ARMS = RecipeReader.ARMS.name();
  private static final String QUESTION = RecipeReader.QUESTION.name();

  private RecipeFile(String where, ObjectNode tree) {
    this.where = where;
    this.tree = tree;
  }

  /**
   * Reads a recipe.
   *
   * @param file empty for the default recipe
   * @param quick whether to lay the recipe's {@code quick} section over the others
   * @param changes laid over that, and before any default
   * @throws InvalidInput if it is not a recipe
   */
  public static RecipeFile read(Optional<Path> file, boolean quick, List<RecipeChange> changes) {
    ObjectNode defaults = builtIn();
    String where = file.map(Path::toString).orElse(DEFAULT);
    ObjectNode tree = file.map(RecipeYaml::read).orElse(defaults.deepCopy());
    new Fields(where, tree).only(RecipeReader.names(RecipeReader.KEYS));
    if (quick) layQuick(tree, defaults, where);
    tree.remove(RecipeReader.QUICK.name());
    change(tree, changes);
    expandGrid(tree, where);
    putControlFirst(tree, where);
    layCheckpointsConfig(tree, where);
    layTeachersFlops(tree, where);
    requireNoRateBesideTuning(tree, where);
    for (String section : SECTIONS) fill(tree, defaults, section, where);
    return new RecipeFile(where, tree);
  }

  /** A recipe with nothing laid over it. */
  public static RecipeFile read(Optional<Path> file, boolean quick) {
    return read(file, quick, List.of());
  }

  /** A recipe as it stands in its file. */
  public static RecipeFile read(Path file) {
    return read(Optional.of(file), false, List.of());
  }

  /** The whole recipe, every default filled in. */
  public String text() {
    return RecipeYaml.text(tree);
  }

  /**
   * The recipe.
   *
   * @throws InvalidInput if a value is missing or can't be
   */
  public AblationRecipe recipe() {
    return new Fields(where, tree).as(RecipeReader::recipe);
  }

  /** Does what may refuse a value of a section only when it is used; then the place is said. */
  public <V> V using(String section, Supplier<V> use) {
    return new Fields(where + ": " + section, tree).as(_ -> use.get());
  }

  private static void expandGrid(ObjectNode tree, String where) {
    String key = RecipeReader.GRID.name();
    if (!tree.hasNonNull(key)) {
      tree.remove(key);
      return;
    }
    if (tree.hasNonNull(RecipeReader.ARMS.name())) {
      throw new InvalidInput(where + ": there are arms and a grid; give one of them");
    }
    tree.set(RecipeReader.ARMS.name(), Grid.arms(where, new Fields(where, tree).object(key)));
    tree.remove(key);
  }

  private static void putControlFirst(ObjectNode tree, String where) {
    String key = RecipeReader.CONTROL.name();
    JsonNode control = tree.remove(key);
    if (control == null || control.isNull()) return;
    List<JsonNode> arms = new ArrayList<>();
    tree.path(RecipeReader.ARMS.name()).forEach(arms::add);
    List<String> names = arms.stream().map(arm -> arm.path("name").asText()).toList();
    int place = names.indexOf(control.asText());
    if (place < 0) {
      if (names.isEmpty()) throw new InvalidInput(where + ": there is a control and no arms");
      throw NearestName.unknown(where + ": control", control.asText(), names);
    }
    arms.addFirst(arms.remove(place));
    tree.putArray(RecipeReader.ARMS.name()).addAll(arms);
  }

  /** With it the recipe says all that a report is made of, wherever the checkpoint is then. */
  private static void layCheckpointsConfig(ObjectNode tree, String where) {
    Fields top = new Fields(where, tree);
    if (!top.has(RecipeReader.CHECKPOINT.name()) || top.has(RecipeReader.PRESET.name())) return;
    ObjectNode given = top.object(CONFIG);
    if (ConfigJson.isWhole(given)) return;
    Path folder = Path.of(top.get(RecipeReader.CHECKPOINT));
    CheckpointKind.requireReadable(folder);
    ObjectNode whole = ConfigJson.switches(folder.resolve("config.json"));
    whole.retain(ConfigJson.KEYS);
    ConfigJson.change(whole, given, where);
    tree.set(CONFIG, whole);
  }

  /** Likewise of teachers, the recipe's and those of arms. */
  private static void layTeachersFlops(ObjectNode tree, String where) {
    List<JsonNode> named = new ArrayList<>(List.of(tree));
    tree.path(ARMS).forEach(named::add);
    for (JsonNode node : named) {
      if (node.path(RecipeReader.TRAINING.name()) instanceof ObjectNode training) {
        new Fields(where, tree)
            .as(
                _ -> {
                  Taught.layFlops(training);
                  return training;
                });
      }
    }
  }

  private static void requireNoRateBesideTuning(ObjectNode tree, String where) {
    if (!tree.hasNonNull(RecipeReader.TUNE.name())) {
      tree.remove(RecipeReader.TUNE.name());
      return;
    }
    List<JsonNode> trained = new ArrayList<>(List.of(tree));
    tree.path(ARMS).forEach(trained::add);
    for (JsonNode node : trained) {
      if (!node.path(RecipeReader.TRAINING.name()).has(RATE)) continue;
      throw new InvalidInput(
          "%s: %straining: %s is given, and tune sets each arm's; leave it out, or leave tune out"
              .formatted(
                  where,
                  node == tree
                      ? ""
                      : "arm " + InvalidInput.shown(node.path("name").asText()) + ": ",
                  RATE));
    }
  }

  private static void fill(ObjectNode tree, ObjectNode defaults, String section, String where) {
    if (!tree.hasNonNull(section)) {
      tree.remove(section);
      return;
    }
    ObjectNode given = section(tree, section, where);
    ObjectNode whole = ((ObjectNode) defaults.get(section)).deepCopy();
    if (section.equals(RecipeReader.TIMING.name())) {
      whole.remove("arms");
      tree.path("arms").forEach(arm -> whole.withArray("arms").add(arm.path("name")));
    }
    lay(whole, given, where + ": key of " + section);
    if (section.equals(RecipeReader.TRAINING.name()) && tree.has(RecipeReader.TUNE.name())) {
      whole.remove(RATE);
    }
    tree.set(section, whole);
  }

  private static ObjectNode section(ObjectNode tree, String section, String where) {
    if (tree.get(section) instanceof ObjectNode given) return given;
    throw new InvalidInput(where + ": " + section + " is no mapping; give keys and values");
  }

  private static void layQuick(ObjectNode tree, ObjectNode defaults, String where) {
    boolean own = tree.hasNonNull("quick");
    ObjectNode quick = new Fields(where, own ? tree : defaults).object("quick").deepCopy();
    // The default's choice of arms, and what is asked of them, is no other recipe's.
    if (!own) {
      quick.remove(ARMS);
      quick.remove(QUESTION);
      ((ObjectNode) quick.get("timing")).remove(ARMS);
    }
    if (quick.has(ARMS)) {
      keepArms(tree, new Fields(where + ": quick", quick).texts(ARMS), where + ": quick.arms:");
      quick.remove(ARMS);
    }
    if (quick.has(QUESTION)) {
      tree.put(QUESTION, new Fields(where + ": quick", quick).text(QUESTION));
      quick.remove(QUESTION);
    }
    for (String section : keys(quick)) {
      if (!SECTIONS.contains(section)) {
        throw NearestName.unknown(where + ": key of quick", section, SECTIONS);
      }
      if (!tree.hasNonNull(section)) continue;
      ObjectNode given = section(tree, section, where);
      ObjectNode over = new Fields(where, quick).object(section);
      lay(
          ((ObjectNode) defaults.get(section)).deepCopy(),
          over,
          where + ": key of quick." + section);
      scaleWarmup(given, over);
      given.setAll(over);
    }
  }

  /** Leaves the arms of these names alone. */
  private static void keepArms(ObjectNode tree, List<String> names, String where) {
    Map<String, JsonNode> byName = new LinkedHashMap<>();
    tree.path(ARMS).forEach(arm -> byName.put(arm.path("name").asText(), arm));
    ArrayNode kept = JsonNodeFactory.instance.arrayNode();
    for (String name : names) {
      if (!byName.containsKey(name)) throw NearestName.unknown(where, name, byName.keySet());
      kept.add(byName.get(name));
    }
    tree.set(ARMS, kept);
  }

  private static void change(ObjectNode tree, List<RecipeChange> changes) {
    JsonNode before = tree.path(RecipeReader.TRAINING.name()).deepCopy();
    changes.forEach(change -> change.apply(tree));
    List<String> paths = changes.stream().map(RecipeChange::path).toList();
    String training = RecipeReader.TRAINING.name() + ".";
    if (!paths.contains(training + STEPS) || paths.contains(training + WARMUP)) return;
    if (before instanceof ObjectNode given
        && given.has(WARMUP)
        && tree.get(RecipeReader.TRAINING.name()) instanceof ObjectNode now) {
      ObjectNode steps = JsonNodeFactory.instance.objectNode();
      steps.set(STEPS, now.path(STEPS));
      scaleWarmup(given, steps);
      now.set(WARMUP, given.get(WARMUP));
    }
  }

  /** Where steps are given alone, the warm-up keeps its share of them. */
  private static void scaleWarmup(ObjectNode under, ObjectNode over) {
    if (over.has(WARMUP) || !over.path(STEPS).isInt() || !under.path(STEPS).isInt()) return;
    if (!under.path(WARMUP).isInt() || under.get(STEPS).intValue() < 1) return;
    double share = (double) under.get(WARMUP).intValue() / under.get(STEPS).intValue();
    under.put(WARMUP, (int) Math.round(share * over.get(STEPS).intValue()));
  }

  private static void lay(ObjectNode under, ObjectNode over, String what) {
    scaleWarmup(under, over);
    RecipeYaml.lay(what, under, over);
  }

  private static List<String> keys(ObjectNode node) {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }

  /** The default recipe, which has every key that has a default. */
  public static ObjectNode builtIn() {
    return RecipeYaml.builtIn(RecipeFile.class, DEFAULT);
  }
}
