package io.gemlab.experiments.merge.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.merge.method.MergeMethod;
import io.gemlab.experiments.merge.method.MergeMethods;
import io.gemlab.experiments.merge.method.Parameter;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.RecipeYaml;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.base.tensor.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads mergekit's YAML. */
public final class MergeRecipeFile {
  private static final List<String> KEYS =
      List.of(
          "merge_method",
          "base_model",
          "models",
          "slices",
          "parameters",
          "dtype",
          "out_dtype",
          "tokenizer_source");

  /** Keys that mergekit has and that aren't done here, with what to do instead. */
  private static final List<Unread> UNREAD =
      List.of(
          new Unread("modules", "give models or slices: Gemma 2 is one module"),
          new Unread(
              "tokenizer",
              "give models with the same vocabulary, and tokenizer_source: base or a model"),
          new Unread(
              "chat_template",
              "leave it out: chat_template.jinja is copied with the tokenizer, and can be replaced"
                  + " there"));

  private static final List<ElementType> TYPES =
      List.of(ElementType.F32, ElementType.BF16, ElementType.F16);

  /** Whose parameters the sections may have. */
  private static final Set<Parameter.Scope> OF_MERGE = EnumSet.allOf(Parameter.Scope.class);

  private static final Set<Parameter.Scope> OF_SLICE =
      EnumSet.of(Parameter.Scope.MERGE, Parameter.Scope.MODEL);
  private static final Set<Parameter.Scope> OF_MODEL = EnumSet.of(Parameter.Scope.MODEL);

  private record Unread(String key, String remedy) {}

  private final Path file;
  private final Fields fields;
  private final MergeMethod method;

  private MergeRecipeFile(Path file, Fields fields) {
    this.file = file;
    this.fields = fields;
    for (Unread key : UNREAD) {
      if (fields.has(key.key())) {
        throw new InvalidInput(
            "%s: %s is not read; %s".formatted(fields.where(), key.key(), key.remedy()));
      }
    }
    fields.only(KEYS);
    this.method = MergeMethods.named(fields.where(), fields.text("merge_method"));
  }

  /**
   * Reads a file.
   *
   * @throws InvalidInput if it can't be read, a key or a parameter is not known, a value has
   *     another form or range, or a model is no folder; it says where
   */
  public static MergeRecipe read(Path file) {
    ObjectNode node = RecipeYaml.read(file);
    return new MergeRecipeFile(file, new Fields(file.toString(), node)).recipe();
  }

  private MergeRecipe recipe() {
    return new MergeRecipe(
        file,
        text(),
        method,
        slices(),
        points(),
        model(fields, "base_model"),
        settings(fields, OF_MERGE),
        type("dtype"),
        type("out_dtype"),
        tokenizer());
  }

  private String text() {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
  }

  private List<Slice> slices() {
    if (fields.has("models") == fields.has("slices")) {
      throw new InvalidInput(
          "%s has %s; give either models or slices"
              .formatted(
                  fields.where(), fields.has("models") ? "models and slices" : "nothing to merge"));
    }
    if (fields.has("models")) {
      List<Source> sources = new ArrayList<>();
      for (Fields model : nonEmpty(fields, "models")) {
        model.only(List.of("model", "parameters"));
        sources.add(source(model, Optional.empty()));
      }
      requireDistinct(sources);
      return List.of(
          new Slice(sources, Optional.empty(), Settings.NONE, fields.where() + ": models"));
    }
    List<Slice> slices = new ArrayList<>();
    for (Fields slice : nonEmpty(fields, "slices")) slices.add(slice(slice));
    return slices;
  }

  private Slice slice(Fields slice) {
    slice.only(List.of("sources", "base_model", "parameters"));
    List<Source> sources = new ArrayList<>();
    for (Fields source : nonEmpty(slice, "sources")) {
      source.only(List.of("model", "layer_range", "parameters"));
      sources.add(source(source, Optional.of(layers(source))));
    }
    requireDistinct(sources);
    int count = sources.getFirst().layers().orElseThrow().count();
    for (Source source : sources) {
      int other = source.layers().orElseThrow().count();
      if (other != count) {
        throw new InvalidInput(
            "%s: layer_range has %d layers and the first source's %d; give as many"
                .formatted(source.where(), other, count));
      }
    }
    return new Slice(sources, model(slice, "base_model"), settings(slice, OF_SLICE), slice.where());
  }

  private Source source(Fields source, Optional<LayerRange> layers) {
    return new Source(
        model(source, "model").orElseThrow(() -> missing(source, "model", "name a folder")),
        layers,
        settings(source, OF_MODEL),
        source.where());
  }

  private static LayerRange layers(Fields source) {
    List<Long> ends = source.integers("layer_range");
    boolean ordered =
        ends.size() == 2
            && ends.get(0) >= 0
            && ends.get(0) <= ends.get(1)
            && ends.get(1) <= Integer.MAX_VALUE;
    if (!ordered) {
      throw new InvalidInput(
          "%s: layer_range is %s; give the first layer and the one after the last, as [0, 26]"
              .formatted(source.where(), ends));
    }
    return new LayerRange(ends.get(0).intValue(), ends.get(1).intValue());
  }

  private static void requireDistinct(List<Source> sources) {
    Set<ModelReference> seen = new HashSet<>();
    for (Source source : sources) {
      if (!seen.add(source.model())) {
        throw new InvalidInput(
            "%s: %s is named before; add up its weights, or name another"
                .formatted(source.where(), source.model()));
      }
    }
  }

  private Optional<ModelReference> model(Fields section, String key) {
    if (!section.has(key)) return Optional.empty();
    String where = section.where() + ": " + key;
    return Optional.of(ModelReference.of(section.text(key), file, where));
  }

  private Settings settings(Fields section, Set<Parameter.Scope> scopes) {
    return section
        .section("parameters")
        .map(own -> Settings.read(method.contract(), own.where(), own.node(), scopes))
        .orElse(Settings.NONE);
  }

  /** A list that the parameter of points has runs over these, and not over layers as others do. */
  private List<FrontPoint> points() {
    Optional<Parameter> ofPoints = method.contract().ofPoints();
    if (ofPoints.isEmpty()) return List.of();
    Parameter parameter = ofPoints.get();
    String where = fields.where() + ": parameters: " + parameter.name();
    JsonNode node = fields.object("parameters").path(parameter.name());
    if (node.isMissingNode()) {
      throw new InvalidInput(
          "%s is missing; give %s, or a list".formatted(where, parameter.wanted()));
    }
    List<FrontPoint> points =
        Setting.values(parameter, where, node).stream()
            .map(value -> new FrontPoint(parameter.name(), value))
            .toList();
    Set<String> folders = new HashSet<>();
    for (FrontPoint point : points) {
      if (!folders.add(point.folder())) {
        throw new InvalidInput(where + " has " + point.text() + " twice; give it once");
      }
    }
    return points;
  }

  private Optional<ElementType> type(String key) {
    if (!fields.has(key)) return Optional.empty();
    String name = fields.text(key);
    List<String> known = TYPES.stream().map(ElementType::label).toList();
    return Optional.of(
        TYPES.stream()
            .filter(type -> name.equals(type.label()) || name.equals("torch." + type.label()))
            .findFirst()
            .orElseThrow(() -> NearestName.unknown(fields.where() + ": " + key, name, known)));
  }

  private Optional<ModelReference> tokenizer() {
    String key = "tokenizer_source";
    if (!fields.has(key)) return Optional.empty();
    return switch (fields.text(key)) {
      case "base" ->
          Optional.of(
              model(fields, "base_model")
                  .orElseThrow(
                      () -> missing(fields, "base_model", "tokenizer_source: base needs it")));
      case "union" ->
          throw new InvalidInput(
              "%s: tokenizer_source union is not done: rows of new tokens would be made up; give models with the same vocabulary, and tokenizer_source: base or a model"
                  .formatted(fields.where()));
      default -> model(fields, key);
    };
  }

  private static List<Fields> nonEmpty(Fields section, String key) {
    if (!section.has(key)) throw missing(section, key, "give a list");
    List<Fields> list = section.objects(key);
    if (list.isEmpty()) throw missing(section, key, "the list is empty; give one or more");
    return list;
  }

  private static InvalidInput missing(Fields section, String key, String remedy) {
    return new InvalidInput("%s: %s is missing; %s".formatted(section.where(), key, remedy));
  }
}
