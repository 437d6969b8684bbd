package io.gemlab.experiments.measure;

import io.gemlab.graph.process.JavaProcess;
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

  /**
   * Runs it to its end. Interrupting the thread ends the child; so does the end of this process, if
   * the child calls {@link JavaProcess#endWithParent}.
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
