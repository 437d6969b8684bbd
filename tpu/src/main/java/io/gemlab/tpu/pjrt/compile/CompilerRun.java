package io.gemlab.tpu.pjrt.compile;

import io.gemlab.graph.base.process.JavaProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One run of a compiling process, within its time. */
final class CompilerRun {
  private static final int SIGNAL = 128;

  private static final List<String> OPTIONS =
      List.of(
          "-XX:TieredStopAtLevel=1",
          // An abort is the plugin's: the JVM's own report of it would only hide its reason.
          "-XX:+SuppressFatalErrorMessage");

  private CompilerRun() {}

  /**
   * How a process ended.
   *
   * @param log what it wrote to both of its outputs
   */
  record Ended(String how, String log) {}

  /**
   * Runs a main class until it ends, or until its time is over.
   *
   * <p>Its standard input stays open as long as this process lives, so that it can tell when nobody
   * waits for it any more.
   *
   * @param folder its working folder, where its log is kept
   */
  static Ended run(Class<?> main, List<String> arguments, Path folder, Duration timeout)
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Process process =
        JavaProcess.of(main, OPTIONS, arguments, log).directory(folder.toFile()).start();
    boolean ended = false;
    try {
      ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      if (!ended) process.destroyForcibly().waitFor();
    }
    String how =
        ended ? how(process.exitValue()) : "was stopped after " + timeout.toSeconds() + " s";
    return new Ended(how, new String(Files.readAllBytes(log), StandardCharsets.UTF_8));
  }

  private static String how(int exitCode) {
    return switch (exitCode - SIGNAL) {
      case 6 -> "aborted (SIGABRT)";
      case 7 -> "crashed (SIGBUS)";
      case 9 -> "was killed (SIGKILL), most likely for want of memory";
      case 11 -> "crashed (SIGSEGV)";
      default -> "ended with exit code " + exitCode;
    };
  }
}
