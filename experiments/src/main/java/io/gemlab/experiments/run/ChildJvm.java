package io.gemlab.experiments.run;

import io.gemlab.graph.base.process.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs a main class in a JVM of its own, with this JVM's class path and options. */
public final class ChildJvm {
  /** What a JVM with TensorFlow takes before it holds any tensor. */
  public static final long RUNTIME_BYTES = 450L << 20;

  static final List<String> OPTIONS = List.of("-Xmx1g");

  /** How a process ends that signal 9 ended, which the system sends where memory is short. */
  private static final int KILLED = 137;

  /** How a process ends that Ctrl-C ended. */
  private static final int INTERRUPTED = 130;

  private ChildJvm() {}

  /**
   * How a child ended.
   *
   * @param exitCode 0 for done
   * @param lastLine the last line it wrote, for whoever has to tell why it failed
   */
  public record Ended(int exitCode, String lastLine) {
    public boolean killed() {
      return exitCode == KILLED;
    }

    public boolean interrupted() {
      return exitCode == INTERRUPTED;
    }

    /** Why it failed, in a few words. */
    public String reason() {
      if (killed()) return "killed, probably for memory";
      return "exit code " + exitCode + (lastLine.isEmpty() ? "" : ": " + lastLine);
    }
  }

  /** What a child does. */
  @FunctionalInterface
  public interface Work {
    void run() throws IOException;
  }

  /** The child's side: does its work and ends the process; of a failure the last line says why. */
  public static void doAndEnd(Work work) {
    JavaProcess.endWithParent();
    end(work);
  }

  /** Does a child's work and ends the process. */
  static void end(Work work) {
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
      Path log = ChildLogs.create();
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
