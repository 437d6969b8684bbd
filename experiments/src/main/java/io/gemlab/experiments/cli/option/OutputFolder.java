package io.gemlab.experiments.cli.option;

import io.gemlab.graph.base.files.WholeFolder;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

/** The folder that a report goes to, checked before long work and not after it. */
public final class OutputFolder {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss");

  private OutputFolder() {}

  /**
   * The folder asked for, or {@code out/COMMAND-<time>}; made where it is missing.
   *
   * @throws InvalidInput if it can't be made, or holds anything
   */
  public static Path ready(Path asked, String command) {
    Path folder =
        asked != null ? asked : Path.of("out", command + "-" + TIME.format(LocalDateTime.now()));
    OutputFile.requireFolder("--out", folder);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new InvalidInput(
          "--out " + folder + " can't be made (" + e.getMessage() + "); name another folder", e);
    }
    WholeFolder.requireFree(folder);
    return folder;
  }
}
