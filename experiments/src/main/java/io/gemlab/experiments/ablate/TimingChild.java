package io.gemlab.experiments.ablate;

import io.gemlab.experiments.run.ChildJvm;
import io.gemlab.graph.base.process.ProcessMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The process of a {@link TimingCell}: reads the recipe, measures, writes what it measured. */
final class TimingChild {
  private TimingChild() {}

  /** Arguments: recipe, arm, path, length, and the file for the result. */
  public static void main(String[] arguments) {
    ChildJvm.doAndEnd(() -> measure(arguments));
  }

  private static void measure(String[] arguments) throws IOException {
    long start = ProcessMemory.resident().orElse(0);
    AblationRecipe recipe = RecipeFile.read(Optional.of(Path.of(arguments[0])), false).recipe();
    TimingCell cell =
        new TimingCell(recipe.arm(arguments[1]), arguments[2], Integer.parseInt(arguments[3]));
    Files.write(Path.of(arguments[4]), cell.measure(recipe, start).toByteArray());
  }
}
