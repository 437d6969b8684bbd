package io.gemlab.experiments.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.gemlab.experiments.ablate.recipe.RecipeReference;
import io.gemlab.experiments.trainer.TrainRecipeReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Docs, schema and code say the same of the keys of every kind of recipe. */
public class ReferenceTest {
  private static final Path DOCS = Path.of("..", "docs");

  /** Kinds of recipes, and where they and their references are. */
  enum Recipes {
    ABLATION(RecipeReference::of, "recipe", "recipes.md", "recipe.schema.json", "recipes"),
    TRAINING(
        TrainRecipeReference::of,
        "train-recipe",
        "train-recipes.md",
        "train-recipe.schema.json",
        "recipes/train");

    final Reference reference;
    final String topic;
    final Path page;
    final Path schema;
    final Path folder;

    Recipes(
        Supplier<Reference> reference, String topic, String page, String schema, String folder) {
      this.reference = reference.get();
      this.topic = topic;
      this.page = DOCS.resolve(page);
      this.schema = DOCS.resolve(schema);
      this.folder = Path.of("..").resolve(folder);
    }
  }

  @ParameterizedTest
  @EnumSource
  void docsHaveTheReference(Recipes recipes) throws IOException {
    String docs = Files.readString(recipes.page);
    assertEquals(
        recipes.reference.markdown(),
        docs.substring(Math.max(0, docs.indexOf("## Keys"))),
        "put what `./gemlab help %s --format markdown` prints at the end of %s"
            .formatted(recipes.topic, recipes.page));
  }

  @ParameterizedTest
  @EnumSource
  void docsHaveTheSchema(Recipes recipes) throws IOException {
    assertEquals(
        recipes.reference.schema(),
        Files.readString(recipes.schema),
        "./gemlab help %s --format schema > %s".formatted(recipes.topic, recipes.schema));
  }

  @ParameterizedTest
  @EnumSource
  void everyRecipeOfTheProjectIsDescribedAndFitsTheSchema(Recipes recipes) throws IOException {
    String docs = Files.readString(recipes.page);
    try (Stream<Path> files = Files.list(recipes.folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
        String text = Files.readString(file);
        assertEquals(List.of(), problems(recipes.reference, text), file.toString());
        String schema = recipes.folder.relativize(recipes.schema).toString();
        assertTrue(
            text.startsWith("# yaml-language-server: $schema=" + schema + "\n"),
            file + " names no schema");
        assertTrue(
            docs.contains(".." + file.toString().substring(2)), file + " is not in the docs");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyKeyHasASentence(Recipes recipes) {
    for (Reference.Part part : recipes.reference.parts()) {
      assertTrue(part.about().endsWith("."), part.title());
      for (Key<?> key : part.keys()) assertTrue(key.meaning().endsWith("."), key.name());
    }
  }

  /** What a kind of recipe's schema finds wrong with one. */
  public static List<String> problems(Reference reference, String yaml) throws IOException {
    JsonSchema schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(reference.schema());
    List<String> problems = new ArrayList<>();
    schema
        .validate(new YAMLMapper().readTree(yaml))
        .forEach(problem -> problems.add(problem.toString()));
    return problems;
  }
}
