package io.gemlab.experiments.cli.option;

import io.gemlab.experiments.run.Bytes;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks of a place to write to, made before long work and not after it. */
public final class OutputFile {
  private OutputFile() {}

  /**
   * @param flag that named it
   * @throws InvalidInput if a file can't be written there
   */
  public static void requireWritable(String flag, Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      throw new InvalidInput(flag + " " + file + " is a folder; name a file");
    }
    if (!Files.isDirectory(folder)) {
      throw new InvalidInput(flag + " " + file + ": there is no folder " + folder + "; make it");
    }
    if (!Files.isWritable(folder)) {
      throw new InvalidInput(
          flag + " " + file + ": nothing may be written to " + folder + "; check its permissions");
    }
  }

  /**
   * @param flag that named it
   * @throws InvalidInput if a folder is not there and can't be made, or can't be written to
   */
  public static void requireFolder(String flag, Path folder) {
    Path there = existing(folder);
    if (!Files.isDirectory(there)) {
      throw new InvalidInput(flag + " " + folder + ": " + there + " is a file; name a folder");
    }
    if (!Files.isWritable(there)) {
      throw new InvalidInput(
          flag + " " + folder + ": nothing may be written to " + there + "; check its permissions");
    }
  }

  /**
   * @param flag that named the folder
   * @param bytes what will be written to it
   * @throws InvalidInput if its disk has less room
   */
  public static void requireSpace(String flag, Path folder, long bytes) {
    Path there = existing(folder);
    try {
      long free = Files.getFileStore(there).getUsableSpace();
      if (free >= bytes) return;
      throw new InvalidInput(
          "%s %s needs %s, and %s has %s left; free some or name another disk"
              .formatted(flag, folder, Bytes.text(bytes), there, Bytes.text(free)));
    } catch (IOException e) {
      throw InvalidInput.unreadable(there, e);
    }
  }

  /** The folder, or the nearest above it that is there. */
  private static Path existing(Path folder) {
    Path there = folder.toAbsolutePath();
    while (!Files.exists(there)) there = there.getParent();
    return there;
  }
}
