package io.gemlab.tpu.pjrt.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.tpu.pjrt.CompileOptions;
import io.gemlab.tpu.pjrt.Resources;
import io.gemlab.tpu.pjrt.TopologySpec;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the caller sees when the compiling process ends in one way or another. */
final class ChildCompilerTest {
  private static final Duration AMPLE = Duration.ofMinutes(2);

  @TempDir Path folder;

  /** Writes to its log what libtpu writes, and aborts as it does. */
  static final class Aborting {
    public static void main(String[] files) throws Throwable {
      System.err.println("WARNING: something else");
      System.err.println("F1122 21:46:23.880692   27887 statusor.cc:99] the reason");
      System.err.println("*** Check failure stack trace: ***");
      System.err.println("    @     0x7f4cf65fd5e4  (unknown)");
      abort();
    }

    @SuppressWarnings("restricted")
    private static void abort() throws Throwable {
      Linker linker = Linker.nativeLinker();
      linker
          .downcallHandle(linker.defaultLookup().findOrThrow("abort"), FunctionDescriptor.ofVoid())
          .invokeExact();
    }
  }

  static final class Endless {
    public static void main(String[] files) throws InterruptedException {
      System.err.println("still at it");
      Thread.sleep(Duration.ofHours(1));
    }
  }

  static final class Throwing {
    public static void main(String[] files) {
      throw new IllegalStateException("a fault of our own");
    }
  }

  static final class Leaving {
    public static void main(String[] files) {
      System.exit(3);
    }
  }

  @Test
  void abortBecomesOneLine() throws IOException {
    PjrtCompilerAborted aborted = failure(Aborting.class, AMPLE);
    assertEquals(
        "the compiler plugin.so aborted (SIGABRT); its last words: statusor.cc:99] the reason",
        aborted.getMessage());
    assertTrue(aborted.log().contains("(unknown)"), aborted::log);
  }

  @Test
  void slowCompilerIsStopped() throws IOException {
    assertEquals(
        "the compiler plugin.so was stopped after 3 s; its last words: still at it",
        failure(Endless.class, Duration.ofSeconds(3)).getMessage());
  }

  @Test
  void exceptionIsTold() throws IOException {
    assertEquals(
        "the compiler plugin.so ended with exit code 1; its last words:"
            + " java.lang.IllegalStateException: a fault of our own",
        failure(Throwing.class, AMPLE).getMessage());
  }

  @Test
  void silentEndIsTold() throws IOException {
    assertEquals(
        "the compiler plugin.so ended with exit code 3; its last words: none",
        failure(Leaving.class, AMPLE).getMessage());
  }

  @Test
  void invalidInputIsTheSameAsInThisProcess() throws IOException {
    CompileRequest request = request();
    String expected =
        assertThrows(InvalidInput.class, () -> PjrtCompiler.compile(request)).getMessage();
    assertTrue(expected.contains(" does not exist: "), expected);
    assertEquals(
        expected,
        assertThrows(InvalidInput.class, () -> new ChildCompiler(AMPLE).compile(request))
            .getMessage());
  }

  private PjrtCompilerAborted failure(Class<?> main, Duration timeout) throws IOException {
    CompileRequest request = request();
    PjrtCompilerAborted failure =
        assertThrows(
            PjrtCompilerAborted.class, () -> new ChildCompiler(timeout, main).compile(request));
    assertEquals(1, failure.getMessage().lines().count());
    return failure;
  }

  private CompileRequest request() throws IOException {
    return new CompileRequest(
        folder.resolve("plugin.so"),
        TopologySpec.tpu("v5e:1x1"),
        CompileOptions.partitioned(1),
        Resources.bytes("layer.hlo.pb"));
  }
}
