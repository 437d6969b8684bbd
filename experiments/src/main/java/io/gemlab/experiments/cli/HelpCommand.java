package io.gemlab.experiments.cli;

import io.gemlab.experiments.ablate.recipe.RecipeReference;
import io.gemlab.graph.base.input.NearestName;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code gemlab help}: of a command, and of the recipes that {@code ablate} reads. */
@Command(
    name = "help",
    description = "Print the help of a command, or with `recipe` every key of a recipe.")
final class HelpCommand implements Callable<Integer> {
  private static final String RECIPE = "recipe";

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
      description = "A command, or recipe. Default: all commands.")
  private String topic;

  @Option(
      names = "--format",
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = "Of recipe: text, markdown or schema (JSON Schema). Default: text.")
  private Format format;

  @Override
  public Integer call() {
    CommandLine all = spec.parent().commandLine();
    PrintWriter out = spec.commandLine().getOut();
    if (topic == null) {
      all.usage(out);
    } else if (topic.equals(RECIPE)) {
      out.print(recipe());
      out.flush();
    } else if (all.getSubcommands().containsKey(topic)) {
      all.getSubcommands().get(topic).usage(out);
    } else {
      List<String> known = new ArrayList<>(List.of(RECIPE));
      known.addAll(all.getSubcommands().keySet());
      throw NearestName.unknown("help: topic", topic, known);
    }
    return 0;
  }

  private String recipe() {
    RecipeReference reference = new RecipeReference();
    return switch (format) {
      case TEXT -> reference.text();
      case MARKDOWN -> reference.markdown();
      case SCHEMA -> reference.schema();
    };
  }
}
