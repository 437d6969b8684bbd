package io.gemlab.experiments.ablate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.gemlab.experiments.ablate.AblationRecipe.Agreement;
import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.AblationRecipe.Timing;
import io.gemlab.experiments.ablate.AblationRecipe.Training;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.OptimizerSpec;
import io.gemlab.experiments.recipe.PathChoice;
import io.gemlab.experiments.recipe.ScheduleSpec;
import io.gemlab.experiments.recipe.ValidationSpec;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.base.input.SyntaxProblem;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.path.ExecutionPath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Recipes in YAML. A section that is left out is not done; a key that a section leaves out has the
 * default recipe's value, and {@code timing.arms} names all arms.
 */
final class RecipeFile {
  private static final String DEFAULT = "softcap-attention.yaml";
  private static final String STEPS = "steps";
  private static final String WARMUP = "warmup_steps";
  private static final List<String> SECTIONS = List.of("training", "timing", "agreement");
  private static final List<String> KEYS =
      List.of(
          "name",
          "question",
          "preset",
          "config",
          "allow_deviation",
          "arms",
          "training",
          "timing",
          "agreement",
          "quick");

  private static final YAMLMapper YAML =
      new YAMLMapper(
          YAMLFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
              .build());

  private final String where;
  private final ObjectNode tree;

  private RecipeFile(String where, ObjectNode tree) {
    this.where = where;
    this.tree = tree;
  }

  /**
   * Reads a recipe.
   *
   * @param file empty for the default recipe
   * @param quick whether to lay the recipe's {@code quick} section over the others
   * @throws InvalidInput if it is not a recipe
   */
  static RecipeFile read(Optional<Path> file, boolean quick) {
    ObjectNode defaults = builtIn();
    String where = file.map(Path::toString).orElse(DEFAULT);
    ObjectNode tree = file.map(RecipeFile::tree).orElse(defaults.deepCopy());
    for (String key : keys(tree)) {
      if (!KEYS.contains(key)) throw NearestName.unknown(where + ": key", key, KEYS);
    }
    for (String section : SECTIONS) fill(tree, defaults, section, where);
    if (quick) layQuick(tree, defaults, where);
    tree.remove("quick");
    return new RecipeFile(where, tree);
  }

  /** The whole recipe, every default filled in. */
  String text() {
    try {
      return YAML.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The recipe.
   *
   * @throws InvalidInput if a value is missing or can't be
   */
  AblationRecipe recipe() {
    return new Fields(where, tree).as(RecipeFile::recipe);
  }

  /** Does what may refuse a value of a section only when it is used; then the place is said. */
  <V> V using(String section, Supplier<V> use) {
    return new Fields(where + ": " + section, tree).as(_ -> use.get());
  }

  private static AblationRecipe recipe(Fields top) {
    List<Arm> arms = new ArrayList<>();
    boolean allowDeviation = top.has("allow_deviation") && top.flag("allow_deviation");
    for (Fields arm : top.objects("arms")) {
      arm.only("name", "attention", "config");
      arms.add(
          Arm.of(
              arm.text("name"),
              new OpChoice(Choices.attention(arm.text("attention")), allowDeviation),
              top.text("preset"),
              top.object("config"),
              arm.object("config")));
    }
    return new AblationRecipe(
        top.text("name"),
        top.text("question"),
        arms,
        top.section("training").map(section -> section.as(RecipeFile::training)),
        top.section("timing").map(section -> section.as(RecipeFile::timing)),
        top.section("agreement").map(section -> section.as(RecipeFile::agreement)));
  }

  private static Training training(Fields section) {
    return new Training(
        DataSpec.of(section),
        PathChoice.of(
            section.text("path"),
            section.has("mesh") ? Optional.of(section.text("mesh")) : Optional.empty()),
        Choices.precision(section.text("dtype")),
        section.number("initializer_range"),
        section.integers("seeds"),
        ScheduleSpec.of(section),
        OptimizerSpec.of(section),
        ValidationSpec.of(section),
        section.number("equivalence_margin"));
  }

  private static Timing timing(Fields section) {
    return new Timing(
        section.texts("arms"),
        paths(section),
        Choices.precision(section.text("dtype")),
        section.integer("batch"),
        section.integers("lengths").stream().map(Math::toIntExact).toList(),
        section.integer("samples"));
  }

  private static Agreement agreement(Fields section) {
    return new Agreement(
        paths(section),
        section.texts("dtypes").stream().map(Choices::precision).toList(),
        section.integer("rows"),
        section.integer("length"));
  }

  private static List<ExecutionPath> paths(Fields section) {
    return section.texts("paths").stream().map(Choices::path).toList();
  }

  private static void fill(ObjectNode tree, ObjectNode defaults, String section, String where) {
    if (!tree.hasNonNull(section)) return;
    if (!(tree.get(section) instanceof ObjectNode given)) {
      throw new InvalidInput(where + ": " + section + " is no mapping; give keys and values");
    }
    ObjectNode whole = ((ObjectNode) defaults.get(section)).deepCopy();
    if (section.equals("timing")) {
      whole.remove("arms");
      tree.path("arms").forEach(arm -> whole.withArray("arms").add(arm.path("name")));
    }
    lay(whole, given, where + ": key of " + section);
    tree.set(section, whole);
  }

  private static void layQuick(ObjectNode tree, ObjectNode defaults, String where) {
    boolean own = tree.hasNonNull("quick");
    ObjectNode quick = new Fields(where, own ? tree : defaults).object("quick").deepCopy();
    // The default's choice of arms is no other recipe's.
    if (!own) ((ObjectNode) quick.get("timing")).remove("arms");
    for (String section : keys(quick)) {
      if (!SECTIONS.contains(section)) {
        throw NearestName.unknown(where + ": key of quick", section, SECTIONS);
      }
      if (!tree.hasNonNull(section)) continue;
      lay(
          (ObjectNode) tree.get(section),
          new Fields(where, quick).object(section),
          where + ": key of quick." + section);
    }
  }

  /** Where steps are given alone, the warm-up keeps its share of them. */
  private static void scaleWarmup(ObjectNode under, ObjectNode over) {
    if (over.has(WARMUP) || !over.path(STEPS).isInt() || !under.path(STEPS).isInt()) return;
    if (!under.path(WARMUP).isInt() || under.get(STEPS).intValue() < 1) return;
    double share = (double) under.get(WARMUP).intValue() / under.get(STEPS).intValue();
    under.put(WARMUP, Math.round(share * over.get(STEPS).intValue()));
  }

  private static void lay(ObjectNode under, ObjectNode over, String what) {
    List<String> known = keys(under);
    scaleWarmup(under, over);
    for (Map.Entry<String, JsonNode> entry : over.properties()) {
      if (!known.contains(entry.getKey())) {
        throw NearestName.unknown(what, entry.getKey(), known);
      }
      under.set(entry.getKey(), entry.getValue());
    }
  }

  private static List<String> keys(ObjectNode node) {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }

  private static ObjectNode builtIn() {
    try (InputStream yaml = RecipeFile.class.getResourceAsStream(DEFAULT)) {
      return (ObjectNode) YAML.readTree(yaml);
    } catch (IOException e) {
      throw new UncheckedIOException("the build lost the default recipe", e);
    }
  }

  private static ObjectNode tree(Path file) {
    try {
      JsonNode node = YAML.readTree(JsonFile.withoutByteOrderMark(Files.readString(file)));
      if (node instanceof ObjectNode object) return object;
      throw new InvalidInput(file + " is no recipe: its top is not a mapping of keys to values");
    } catch (JsonProcessingException e) {
      throw new InvalidInput(
          file + " is not valid YAML: " + SyntaxProblem.of(e) + "; repair the file", e);
    } catch (CharacterCodingException e) {
      throw new InvalidInput(file + " is not UTF-8: save it as UTF-8", e);
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
  }
}
