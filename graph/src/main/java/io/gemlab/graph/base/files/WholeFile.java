package io.gemlab.graph.base.files;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a file that is there whole or not at all. */
public final class WholeFile {
  /** Gives a file its content. */
  @FunctionalInterface
  public interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  private WholeFile() {}

  /**
   * Replaces {@code file} by {@code content}; makes the folder where it is missing.
   *
   * @throws IOException if the file can't be written; the earlier content is then still there and
   *     nothing is left beside it
   */
  public static void write(Path file, byte[] content) throws IOException {
    write(
        file,
        channel -> {
          ByteBuffer bytes = ByteBuffer.wrap(content);
          while (bytes.hasRemaining()) channel.write(bytes);
        });
  }

  /**
   * Replaces {@code file} by what {@code content} writes, which may be more than memory holds;
   * makes the folder where it is missing.
   *
   * @throws IOException as above
   */
  public static void write(Path file, Content content) throws IOException {
    Path place = file.toAbsolutePath();
    Files.createDirectories(place.getParent());
    Path beside = TemporaryNames.beside(place);
    try {
      try (FileChannel channel = FileChannel.open(beside, CREATE_NEW, WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(beside, place, ATOMIC_MOVE, REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  /**
   * Deletes what writers of {@code file} left beside it that were killed; none may be at work.
   *
   * @throws IOException if something can't be deleted
   */
  public static void deleteLeftovers(Path file) throws IOException {
    Path place = file.toAbsolutePath();
    if (!Files.exists(place.getParent())) return;
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(
            place.getParent(), sibling -> TemporaryNames.isBeside(place, sibling))) {
      for (Path each : left) Files.delete(each);
    }
  }
}
