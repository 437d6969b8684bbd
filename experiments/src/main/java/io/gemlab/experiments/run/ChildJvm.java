package io.gemlab.experiments.run;

import io.gemlab.graph.base.process.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs a main class in a JVM of its own, with this JVM's class path and options. */
public final class ChildJvm {
  private static final List<String> OPTIONS = List.of("-Xmx1g");

  private ChildJvm() {}

  /**
   * How a child ended.
   *
   * @param exitCode 0 for done
   * @param lastLine the last line it wrote, for whoever has to tell why it failed
   */
  public record Ended(int exitCode, String lastLine) {}

  /** What a child does. */
  @FunctionalInterface
  public interface Work {
    void run() throws IOException;
  }

  /** The child's side: does its work and ends the process; of a failure the last line says why. */
  public static void doAndEnd(Work work) {
    JavaProcess.endWithParent();
    int exitCode = 0;
    try {
      work.run();
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      e.printStackTrace();
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      System.err.println(message.lines().findFirst().orElse(e.toString()));
      exitCode = 1;
    }
    // TensorFlow's threads may still run; there is nothing to wait for.
    Runtime.getRuntime().halt(exitCode);
  }

  /**
   * Runs it to its end. Interrupting the thread ends the child; so does the end of this process, if
   * the child's work is done by {@link #doAndEnd}.
   */
  public static Ended run(Class<?> main, List<String> arguments) throws InterruptedException {
    try {
      Path log = Files.createTempFile("gemlab-child", ".log");
      try {
        Process child = JavaProcess.of(main, OPTIONS, arguments, log).start();
        try {
          return new Ended(child.waitFor(), JavaProcess.lastLine(log));
        } finally {
          child.destroyForcibly();
        }
      } finally {
        Files.delete(log);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("starting " + main.getSimpleName(), e);
    }
  }
}
