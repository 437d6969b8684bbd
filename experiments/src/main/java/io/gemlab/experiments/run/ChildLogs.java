package io.gemlab.experiments.run;

import io.gemlab.graph.base.files.TemporaryFolder;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * Files for what child processes write, in a folder that this process has locked where the system
 * keeps such. It goes with the process; what one left that was killed, the next one deletes.
 */
public final class ChildLogs {
  private static final String PREFIX = "gemlab-children-";

  /** A folder may be younger than its lock is late. */
  private static final Duration LATEST_LOCK = Duration.ofSeconds(10);

  private static TemporaryFolder folder;

  /** Held for as long as the process lives: a channel that nothing refers to is closed. */
  @SuppressWarnings("unused")
  private static FolderLock lock;

  private ChildLogs() {}

  /** A new one, empty, which whoever asked deletes. */
  public static synchronized Path create() throws IOException {
    if (folder == null) {
      folder = TemporaryFolder.create(PREFIX);
      lock = FolderLock.take(folder.path());
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> delete(folder)));
      sweep(folder.path().getParent());
    }
    return Files.createTempFile(folder.path(), "child", ".log");
  }

  /** Deletes those of processes that are gone. */
  static void sweep(Path place) throws IOException {
    Instant young = Instant.now().minus(LATEST_LOCK);
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(place, PREFIX + "*")) {
      for (Path each : folders) {
        if (Files.getLastModifiedTime(each).toInstant().isAfter(young)) continue;
        try (FolderLock _ = FolderLock.take(each)) {
          delete(new TemporaryFolder(each));
        } catch (InvalidInput | IOException othersOrGone) {
          // Its process lives, or another one deletes it, or it is another user's.
        }
      }
    }
  }

  private static void delete(TemporaryFolder whole) {
    try {
      whole.close();
    } catch (UncheckedIOException changing) {
      // Somebody else deletes in it; what is left is swept another time.
    }
  }
}
