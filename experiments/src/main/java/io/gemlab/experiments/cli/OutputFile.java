package io.gemlab.experiments.cli;

import io.gemlab.graph.InvalidInput;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks of a place to write to, made before long work and not after it. */
final class OutputFile {
  private OutputFile() {}

  /**
   * @throws InvalidInput if a file can't be written there
   */
  static void requireWritable(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      throw new InvalidInput("--out " + file + " is a folder; name a file");
    }
    if (!Files.isDirectory(folder)) {
      throw new InvalidInput("--out " + file + ": there is no folder " + folder + "; make it");
    }
    if (!Files.isWritable(folder)) {
      throw new InvalidInput(
          "--out " + file + ": nothing may be written to " + folder + "; check its permissions");
    }
  }

  /**
   * @throws InvalidInput if a folder is not there and can't be made, or can't be written to
   */
  static void requireFolder(Path folder) {
    Path there = folder.toAbsolutePath();
    while (!Files.exists(there)) there = there.getParent();
    if (!Files.isDirectory(there)) {
      throw new InvalidInput("--out " + folder + ": " + there + " is a file; name a folder");
    }
    if (!Files.isWritable(there)) {
      throw new InvalidInput(
          "--out " + folder + ": nothing may be written to " + there + "; check its permissions");
    }
  }
}
