package io.gemlab.experiments.merge.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.merge.recipe.LayerRange;
import io.gemlab.experiments.merge.recipe.MergeRecipe;
import io.gemlab.experiments.merge.recipe.ModelReference;
import io.gemlab.experiments.merge.recipe.Slice;
import io.gemlab.experiments.merge.recipe.Source;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.files.Sha256;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What lies beside the result's weights: the base's files, or the first model's. */
final class ResultFiles {
  private static final String LAYERS = "num_hidden_layers";
  private static final String LAYER_TYPES = "layer_types";
  private static final String SLIDING = "sliding_attention";
  private static final String FULL = "full_attention";

  /** Keys of a configuration in which models may differ that compute alike. */
  private static final Set<String> HARMLESS =
      Set.of(
          "_name_or_path",
          "architectures",
          "cache_implementation",
          "dtype",
          "initializer_range",
          "torch_dtype",
          "transformers_version",
          "use_cache");

  /** The file that says which id a token has, where there are several the first. */
  private static final List<String> VOCABULARIES = List.of("tokenizer.json", "tokenizer.model");

  private final MergeRecipe recipe;
  private final Map<ModelReference, CheckpointFiles> models = new LinkedHashMap<>();
  private final List<String> warnings = new ArrayList<>();
  private final CheckpointFiles files;

  ResultFiles(MergeRecipe recipe, List<InputModel> models) {
    this.recipe = recipe;
    models.forEach(model -> this.models.put(model.reference(), model.checkpoint().files()));
    ModelReference donor = models.getFirst().reference();
    CheckpointFiles own = this.models.get(donor);
    ObjectNode config = own.config();
    if (recipe.slices().getFirst().sources().getFirst().layers().isPresent()) setLayers(config);
    ModelReference tokenizer = recipe.tokenizer().orElse(donor);
    warnOfConfigurations(donor);
    warnOfVocabularies(tokenizer);
    files =
        new CheckpointFiles(
            config, own.generationConfig(), this.models.get(tokenizer).companions());
  }

  CheckpointFiles files() {
    return files;
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** A layer keeps its attention where it goes, whatever its number is there. */
  private void setLayers(ObjectNode config) {
    List<String> types = new ArrayList<>();
    for (Slice slice : recipe.slices()) {
      List<String> first = types(slice.sources().getFirst());
      types.addAll(first);
      for (Source source : slice.sources()) {
        if (types(source).equals(first)) continue;
        warnings.add(
            "%s: its layers attend otherwise (%s) than the first source's; the result's attend as those"
                .formatted(source.where(), String.join(", ", types(source))));
      }
    }
    config.put(LAYERS, types.size());
    ArrayNode list = config.putArray(LAYER_TYPES);
    types.forEach(list::add);
  }

  private List<String> types(Source source) {
    JsonNode given = models.get(source.model()).config().path(LAYER_TYPES);
    LayerRange range = source.layers().orElseThrow();
    List<String> types = new ArrayList<>();
    for (int layer = range.from(); layer < range.to(); layer++) {
      String alternating = layer % 2 == 0 ? SLIDING : FULL;
      types.add(given.path(layer).asText(alternating));
    }
    return types;
  }

  private void warnOfConfigurations(ModelReference donor) {
    ObjectNode own = comparable(models.get(donor).config());
    models.forEach(
        (model, other) -> {
          ObjectNode theirs = comparable(other.config());
          Set<String> differing = new TreeSet<>();
          own.fieldNames().forEachRemaining(differing::add);
          theirs.fieldNames().forEachRemaining(differing::add);
          differing.removeIf(key -> own.path(key).equals(theirs.path(key)));
          for (String key : differing) {
            warnings.add(
                "config.json: %s is %s in %s and %s in %s, which the result gets"
                    .formatted(key, text(theirs.path(key)), model, text(own.path(key)), donor));
          }
        });
  }

  /** Without what says nothing of what is computed, and without layers where slices choose them. */
  private ObjectNode comparable(ObjectNode config) {
    config.remove(HARMLESS);
    if (recipe.slices().getFirst().sources().getFirst().layers().isPresent()) {
      config.remove(List.of(LAYERS, LAYER_TYPES));
    }
    return config;
  }

  private static String text(JsonNode value) {
    return value.isMissingNode() ? "absent" : value.toString();
  }

  private void warnOfVocabularies(ModelReference chosen) {
    models.forEach(
        (model, other) -> {
          for (String name : VOCABULARIES) {
            Path one = models.get(chosen).companions().get(name);
            Path two = other.companions().get(name);
            if (one == null || two == null) continue;
            if (!one.equals(two) && !Sha256.of(one).equals(Sha256.of(two))) {
              warnings.add(
                  "%s of %s is not that of %s, which the result gets: embeddings are merged by id, whatever token it is"
                      .formatted(name, model, chosen));
            }
            return;
          }
        });
  }
}
