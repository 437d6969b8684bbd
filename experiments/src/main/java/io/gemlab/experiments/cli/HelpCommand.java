package io.gemlab.experiments.cli;

import io.gemlab.experiments.ablate.recipe.RecipeReference;
import io.gemlab.experiments.recipe.Reference;
import io.gemlab.experiments.trainer.TrainRecipeReference;
import io.gemlab.graph.base.input.NearestName;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code gemlab help}: of a command, and of the recipes that {@code ablate} and {@code train} read.
 */
@Command(
    name = "help",
    description =
        "Print the help of a command, or every key of a recipe: with `recipe` of ablate's, with"
            + " `train-recipe` of train's.")
final class HelpCommand implements Callable<Integer> {
  /** References of recipes, by topic. */
  private static final Map<String, Supplier<Reference>> RECIPES =
      new TreeMap<>(
          Map.of("recipe", RecipeReference::of, "train-recipe", TrainRecipeReference::of));

  /** How the reference of recipes is written. */
  private enum Format {
    TEXT,
    MARKDOWN,
    SCHEMA
  }

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TOPIC",
      description = "A command, recipe or train-recipe. Default: all commands.")
  private String topic;

  @Option(
      names = "--format",
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = "Of recipes: text, markdown or schema (JSON Schema). Default: text.")
  private Format format;

  @Override
  public Integer call() {
    CommandLine all = spec.parent().commandLine();
    PrintWriter out = spec.commandLine().getOut();
    if (topic == null) {
      all.usage(out);
    } else if (RECIPES.containsKey(topic)) {
      out.print(written(RECIPES.get(topic).get()));
      out.flush();
    } else if (all.getSubcommands().containsKey(topic)) {
      all.getSubcommands().get(topic).usage(out);
    } else {
      List<String> known = new ArrayList<>(RECIPES.keySet());
      known.addAll(all.getSubcommands().keySet());
      throw NearestName.unknown("help: topic", topic, known);
    }
    return 0;
  }

  private String written(Reference reference) {
    return switch (format) {
      case TEXT -> reference.text();
      case MARKDOWN -> reference.markdown();
      case SCHEMA -> reference.schema();
    };
  }
}
