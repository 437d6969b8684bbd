package io.gemlab.graph.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaProcessTest {
  @TempDir Path folder;

  /** Says its argument and an option of its JVM, one to each output. */
  static final class Child {
    public static void main(String[] arguments) {
      System.out.println(arguments[0]);
      System.err.println(System.getProperty("option") + "\n\n ");
    }
  }

  @Test
  void runsInAnotherFolderAndWritesBothOutputsToTheLog() throws Exception {
    Path log = folder.resolve("log");
    Process process =
        JavaProcess.of(Child.class, List.of("-Doption=b"), List.of("a"), log)
            .directory(folder.toFile())
            .start();
    assertEquals(0, process.waitFor());
    assertEquals("a\nb\n\n \n", Files.readString(log));
    assertEquals("b", JavaProcess.lastLine(log));
  }

  @Test
  void emptyLogHasNoLastLine() throws IOException {
    assertEquals("", JavaProcess.lastLine(Files.createFile(folder.resolve("log"))));
  }
}
