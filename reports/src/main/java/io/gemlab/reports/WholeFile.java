package io.gemlab.reports;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes a file that is there whole or not at all: beside its place first, then renamed over it. A
 * reader, a crash or a full disk never meets half a file under the final name.
 */
public final class WholeFile {
  private WholeFile() {}

  /**
   * Replaces {@code file} by {@code content}; makes the folder where it is missing.
   *
   * @throws IOException if the file can't be written; the earlier content is then still there and
   *     nothing is left beside it
   */
  public static void write(Path file, byte[] content) throws IOException {
    Path place = file.toAbsolutePath();
    Files.createDirectories(place.getParent());
    // The process id keeps two processes that write the same report out of each other's file.
    Path beside =
        place.resolveSibling(
            "." + place.getFileName() + "." + ProcessHandle.current().pid() + ".part");
    try {
      try (FileChannel channel = FileChannel.open(beside, CREATE, TRUNCATE_EXISTING, WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) channel.write(bytes);
        channel.force(true);
      }
      Files.move(beside, place, ATOMIC_MOVE, REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(beside);
    }
  }
}
