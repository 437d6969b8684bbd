package io.gemlab.experiments.ablate;

import io.gemlab.graph.process.JavaProcess;
import io.gemlab.graph.process.ProcessMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The process of a {@link TimingCell}: reads the recipe, measures, writes what it measured. */
final class TimingChild {
  private TimingChild() {}

  /** Arguments: recipe, arm, path, length, and the file for the result. */
  public static void main(String[] arguments) throws IOException {
    JavaProcess.endWithParent();
    int exitCode = 0;
    try {
      measure(arguments);
    } catch (RuntimeException | OutOfMemoryError e) {
      // The last line is what the record tells.
      e.printStackTrace();
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      System.err.println(message.lines().findFirst().orElse(e.toString()));
      exitCode = 1;
    }
    // TensorFlow's threads may still run; there is nothing to wait for.
    Runtime.getRuntime().halt(exitCode);
  }

  private static void measure(String[] arguments) throws IOException {
    long start = ProcessMemory.resident().orElse(0);
    AblationRecipe recipe = RecipeFile.read(Optional.of(Path.of(arguments[0])), false).recipe();
    TimingCell cell =
        new TimingCell(recipe.arm(arguments[1]), arguments[2], Integer.parseInt(arguments[3]));
    Files.write(Path.of(arguments[4]), cell.measure(recipe, start).toByteArray());
  }
}
