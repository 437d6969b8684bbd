package io.gemlab.graph.base.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    assertTrue(Files.readString(log).endsWith("a\nb\n\n \n"), Files.readString(log));
    assertEquals("b", JavaProcess.lastLine(log));
  }

  @Test
  void emptyLogHasNoLastLine() throws IOException {
    assertEquals("", JavaProcess.lastLine(Files.createFile(folder.resolve("log"))));
  }

  @Test
  void whatIsLoggedAsEverIsNoLastLine() throws IOException {
    Path log =
        Files.writeString(
            folder.resolve("log"),
            """
            Picked up JAVA_TOOL_OPTIONS: -Xmx1g
            reason
            I0000 00:00:1795789166.592552    9820 mlir_graph_optimization_pass.cc:401] MLIR V1
            2026-11-27 14:22:20.089053: I external/local_xla/service.cc:1] XLA service
            E0000 00:00:1795789166.592552    9820 cuda_dnn.cc:8310] Unable to register cuDNN factory
            2026-11-27 14:22:20.089053: E tensorflow/core/util.cc:7] no kernel
            [libprotobuf ERROR text_format.cc:337] Error parsing text-format tensorflow.XlaSerializedCacheEntry: 2:1
            """);
    assertEquals("reason", JavaProcess.lastLine(log));
  }

  /** A check that failed ends the process, so what it says is why. */
  @Test
  void ofAFatalLineTheWordsStay() {
    String log =
        """
        F0000 00:00:1795789166.592552    9820 buffer.cc:31] Check failed: size > 0 (0 vs. 0)
        *** Check failure stack trace: ***
            @     0x7f1c2b3a4d5e  absl::log_internal::LogMessage::Die()
        """;
    assertEquals("Check failed: size > 0 (0 vs. 0)", JavaProcess.lastLine(log));
    assertEquals(
        "Check failed: ok",
        JavaProcess.lastLine("2026-11-27 14:22:20.089053: F tensorflow/a.cc:7] Check failed: ok"));
  }
}
