package io.gemlab.graph.base.files;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A folder that is there whole or not at all. What was written is deleted by {@link #close} unless
 * {@link #keep} came before, and when the process is told to end.
 */
public final class WholeFolder implements AutoCloseable {
  private final Path place;
  private final TemporaryFolder beside;
  private final Thread ending;

  private WholeFolder(Path place, TemporaryFolder beside) {
    this.place = place;
    this.beside = beside;
    ending = new Thread(this::delete, "partial folder");
  }

  /**
   * Begins one.
   *
   * @param folder where it is to be; it must not exist, or be empty
   * @throws InvalidInput if it holds anything
   */
  public static WholeFolder begin(Path folder) throws IOException {
    requireFree(folder);
    Path place = folder.toAbsolutePath().normalize();
    WholeFolder whole = new WholeFolder(place, new TemporaryFolder(TemporaryNames.beside(place)));
    Runtime.getRuntime().addShutdownHook(whole.ending);
    Files.createDirectories(whole.path());
    return whole;
  }

  /**
   * Checks early that a folder can be written.
   *
   * @throws InvalidInput if it holds anything
   */
  public static void requireFree(Path folder) {
    entry(folder)
        .ifPresent(
            first -> {
              throw new InvalidInput(
                  "%s already holds %s: name a new or an empty folder"
                      .formatted(folder, first.getFileName()));
            });
  }

  /**
   * Something that a folder holds; nothing where there is no such folder.
   *
   * @throws InvalidInput if it can't be read
   */
  public static Optional<Path> entry(Path folder) {
    if (!Files.exists(folder)) return Optional.empty();
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findFirst();
    } catch (IOException e) {
      throw InvalidInput.unreadable(folder, e);
    }
  }

  /** Where to write meanwhile. */
  public Path path() {
    return beside.path();
  }

  /**
   * Puts it into its place.
   *
   * @throws InvalidInput if another process was faster
   */
  public void keep() throws IOException {
    try {
      Files.move(path(), place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      requireFree(place);
      throw e;
    }
  }

  @Override
  public void close() {
    delete();
    try {
      Runtime.getRuntime().removeShutdownHook(ending);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook finds nothing to delete.
    }
  }

  private void delete() {
    try {
      beside.close();
    } catch (UncheckedIOException e) {
      // What stopped the writing is already on its way to the caller.
    }
  }
}
