package io.gemlab.experiments.merge.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergeRecipeFileTest {
  private static final String SLERP =
      """
      merge_method: slerp
      base_model: a
      models: [{model: a}, {model: b}]
      parameters:
        t:
          - filter: self_attn
            value: [0, 0.5, 1]
          - filter: mlp
            value: 1e-1
          - value: 0.25
      dtype: bfloat16
      """;

  private static final String WARP =
      """
      merge_method: warp
      base_model: a
      models: [{model: b}]
      parameters: {eta: [0, 5e-2, 1.0]}
      """;

  @TempDir Path folder;

  @BeforeEach
  void models() throws IOException {
    for (String name : new String[] {"a", "b", "adapter"}) {
      Files.createDirectory(folder.resolve(name));
    }
  }

  @Test
  void filtersAndGradientsAreForTheirTensorsAndDepths() throws IOException {
    MergeRecipe recipe = read(SLERP);
    assertEquals(Optional.of(ElementType.BF16), recipe.dtype());
    assertEquals(0.75, at(recipe, "model.layers.3.self_attn.q_proj.weight", 0.75));
    assertEquals(0.1, at(recipe, "model.layers.3.mlp.up_proj.weight", 0.75));
    assertEquals(0.25, at(recipe, "model.norm.weight", 0));
  }

  @Test
  void aModelsParameterIsBeforeTheSlicesAndTheRecipes() throws IOException {
    MergeRecipe recipe =
        read(
            """
            merge_method: linear
            slices:
              - sources:
                  - {model: a, layer_range: [0, 1], parameters: {weight: 1}}
                  - {model: b, layer_range: [0, 1]}
                parameters: {weight: [{filter: mlp, value: 2}]}
            parameters: {weight: 3}
            """);
    Slice slice = recipe.slices().getFirst();
    assertEquals(OptionalDouble.of(1), weight(recipe, slice, 0, "mlp"));
    assertEquals(OptionalDouble.of(2), weight(recipe, slice, 1, "mlp"));
    assertEquals(OptionalDouble.of(3), weight(recipe, slice, 1, "self_attn"));
  }

  private static OptionalDouble weight(MergeRecipe recipe, Slice slice, int source, String tensor) {
    return recipe.ofModel("weight", slice, slice.sources().get(source), tensor, 0);
  }

  @Test
  void anAdapterStandsBehindItsModel() throws IOException {
    MergeRecipe recipe = read("{merge_method: passthrough, models: [{model: a+adapter}]}");
    ModelReference model = recipe.models().getFirst();
    assertEquals(Optional.of(folder.resolve("adapter")), model.adapter());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dtype: bfloat16        | dtypee: bfloat16       | key \"dtypee\" is not known; did you mean dtype?",
        "merge_method: slerp    | merge_method: slurp    | merge_method \"slurp\" is not known; did you mean slerp?",
        "  t:                   | '  tee:'               | parameters: parameter of slerp \"tee\" is not known",
        "value: 0.25            | value: half            | t[2]: value is \"half\"; give a number",
        "value: 0.25            | valu: 1                | t[2]: key \"valu\" is not known; did you mean value?",
        "{model: b}             | {model: c}             | models[1]: model is \"c\", and there is no such folder",
        "{model: b}             | {model: a}             | a is named before",
        "{model: b}             | '{model: b, parameters: {t: 1}}' | t is a parameter of the whole merge",
        "dtype: bfloat16        | dtype: bfloat          | dtype \"bfloat\" is not known; did you mean bfloat16?",
        "dtype: bfloat16        | tokenizer_source: union | tokenizer_source union is not done",
        "dtype: bfloat16        | chat_template: auto    | chat_template is not read; leave it out",
        "dtype: bfloat16        | slices: []             | models and slices",
      })
  void whatItCantMeanIsSaidWithItsPlace(String good, String bad, String message) {
    String recipe = SLERP.replace(good, bad);
    assertTrue(!recipe.equals(SLERP), good);
    InvalidInput refusal = assertThrows(InvalidInput.class, () -> read(recipe));
    assertTrue(refusal.getMessage().contains("merge.yml"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }

  @Test
  void aListOfPointsRunsOverNoLayers() throws IOException {
    MergeRecipe recipe = read(WARP);
    assertEquals(
        List.of("eta-0", "eta-0.05", "eta-1"),
        recipe.points().stream().map(FrontPoint::folder).toList());
    assertEquals(OptionalDouble.empty(), recipe.ofMerge("eta", recipe.slices().getFirst(), "x", 0));
    assertEquals(1, read(WARP.replace("[0, 5e-2, 1.0]", "0.3")).points().size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'{eta: [0, 5e-2, 1.0]}' | {}                        | eta is missing; give a number of 0 or more, or a list",
        "'[0, 5e-2, 1.0]'        | '[0.3, 1, 3e-1]'          | eta has 0.3 twice; give it once",
        "'[0, 5e-2, 1.0]'        | []                        | eta is an empty list",
        "'[0, 5e-2, 1.0]'        | '[0, -1]'                 | eta[1] is \"-1\"; give a number of 0 or more",
        "'[0, 5e-2, 1.0]'        | Infinity                  | eta is \"Infinity\"; give a number of 0 or more",
        "'[0, 5e-2, 1.0]'        | '[{filter: mlp, value: 1}]' | eta[0] is",
        "'{model: b}'            | '{model: b, parameters: {eta: 1}}' | eta is a parameter of the whole merge",
      })
  void pointsThatAreNoneAreSaid(String good, String bad, String message) {
    InvalidInput refusal = assertThrows(InvalidInput.class, () -> read(WARP.replace(good, bad)));
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }

  @Test
  void aFlagMayBeANumber() throws IOException {
    MergeRecipe recipe =
        read("{merge_method: linear, models: [{model: a}], parameters: {normalize: 0, weight: 1}}");
    Slice slice = recipe.slices().getFirst();
    assertEquals(OptionalDouble.of(0), recipe.ofMerge("normalize", slice, "x", 0));
  }

  private static double at(MergeRecipe recipe, String tensor, double depth) {
    return recipe.ofMerge("t", recipe.slices().getFirst(), tensor, depth).orElseThrow();
  }

  private MergeRecipe read(String text) throws IOException {
    Path file = folder.resolve("merge.yml");
    Files.writeString(file, text);
    return MergeRecipeFile.read(file);
  }
}
