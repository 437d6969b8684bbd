package io.gemlab.experiments.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.process.JavaProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
  @TempDir Path folder;

  @Test
  void oneHolderAtATime() throws IOException {
    Path study = folder.resolve("new/study");
    try (FolderLock _ = FolderLock.take(study)) {
      assertThrows(InvalidInput.class, () -> FolderLock.take(study));
    }
    FolderLock.take(study).close();
  }

  /** And the lock of a killed one is nobody's. */
  @Test
  void anotherProcessIsNamed() throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Process holder =
        JavaProcess.of(FolderLockTest.class, List.of(), List.of(folder.toString()), log).start();
    try {
      while (holder.isAlive() && !Files.readString(log).contains("taken")) Thread.sleep(5);
      InvalidInput refusal = assertThrows(InvalidInput.class, () -> FolderLock.take(folder));
      assertEquals(
          "%s is in use by process %d on %s; wait until it is done, or name another folder"
              .formatted(folder, holder.pid(), InetAddress.getLocalHost().getHostName()),
          refusal.getMessage());
      assertTrue(holder.isAlive());
    } finally {
      holder.destroyForcibly().waitFor();
    }
    FolderLock.take(folder).close();
  }

  /** The other process: takes the folder and keeps it. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    JavaProcess.endWithParent();
    try (FolderLock _ = FolderLock.take(Path.of(arguments[0]))) {
      System.out.println("taken");
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
