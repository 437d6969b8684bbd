package io.gemlab.experiments.run;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildLogsTest {
  private static final FileTime LONG_AGO = FileTime.from(Instant.now().minus(Duration.ofHours(1)));

  @TempDir Path place;

  @Test
  void sweepsWhatNoProcessHasLocked() throws IOException {
    Path left = folder("gemlab-children-1");
    Path held = folder("gemlab-children-2");
    Path mine = folder("mine");
    Path young = folder("gemlab-children-3");
    FolderLock lock = FolderLock.take(held);
    for (Path old : new Path[] {left, held, mine}) Files.setLastModifiedTime(old, LONG_AGO);
    ChildLogs.sweep(place);
    assertFalse(Files.exists(left));
    assertTrue(Files.exists(held.resolve("child.log")));
    assertTrue(Files.exists(mine.resolve("child.log")));
    assertTrue(Files.exists(young.resolve("child.log")));
    lock.close();
    Files.setLastModifiedTime(held, LONG_AGO);
    ChildLogs.sweep(place);
    assertFalse(Files.exists(held));
  }

  /** This process's own stays. */
  @Test
  void givesFilesInAFolderThatIsNotSwept() throws IOException {
    Path log = ChildLogs.create();
    Files.setLastModifiedTime(log.getParent(), LONG_AGO);
    ChildLogs.sweep(log.getParent().getParent());
    assertTrue(Files.exists(log));
    Files.delete(log);
  }

  private Path folder(String name) throws IOException {
    Path folder = Files.createDirectory(place.resolve(name));
    Files.writeString(folder.resolve("child.log"), "a line");
    return folder;
  }
}
