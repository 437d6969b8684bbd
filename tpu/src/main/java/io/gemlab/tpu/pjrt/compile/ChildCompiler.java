package io.gemlab.tpu.pjrt.compile;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.tpu.pjrt.PjrtError;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Compiles ahead of time in a process of its own, so that a compiler that aborts takes nothing with
 * it but a message.
 */
public final class ChildCompiler {
  /**
   * The line that says why: a fatal one of a compiler's log, such as {@code F1122 21:46:23.880692
   * 27887 file.cc:99] reason}, or an exception.
   */
  private static final Pattern FATAL =
      Pattern.compile(
          "^(?:F\\d{4} [\\d:.]+ +\\d+ |Exception in thread \"main\" )(.*)$", Pattern.MULTILINE);

  private static final int LONGEST_REASON = 300;

  private final Duration timeout;
  private final Class<?> main;

  /**
   * @param timeout for one program, the start of the process included
   */
  public ChildCompiler(Duration timeout) {
    this(timeout, CompilerProcess.class);
  }

  ChildCompiler(Duration timeout, Class<?> main) {
    this.timeout = timeout;
    this.main = main;
  }

  /**
   * Compiles a program.
   *
   * @throws InvalidInput if the plugin, the topology, the devices or the program can't be used
   * @throws PjrtError if the compiler refuses the program; RESOURCE_EXHAUSTED if it doesn't fit
   * @throws PjrtCompilerAborted if the compiler gave no answer
   */
  public CompiledProgram compile(CompileRequest request) {
    try {
      Path folder = Files.createTempDirectory("gemlab-compile");
      try {
        return compile(request, folder);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PjrtCompilerAborted("the compiler was interrupted", "");
    }
  }

  private CompiledProgram compile(CompileRequest request, Path folder)
      throws IOException, InterruptedException {
    Path asked = folder.resolve("request");
    Path answer = folder.resolve("answer");
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(asked)))) {
      RequestMessage.write(request, out);
    }
    CompilerRun.Ended ended =
        CompilerRun.run(main, List.of(asked.toString(), answer.toString()), folder, timeout);
    if (!Files.exists(answer)) {
      throw new PjrtCompilerAborted(
          "the compiler %s %s; its last words: %s"
              .formatted(request.plugin().getFileName(), ended.how(), reason(ended.log())),
          ended.log());
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(answer)))) {
      return AnswerMessage.read(in);
    }
  }

  /** The fatal line, or else the last one. */
  private static String reason(String log) {
    Matcher fatal = FATAL.matcher(log);
    String reason = fatal.find() ? fatal.group(1) : JavaProcess.lastLine(log);
    if (reason.isEmpty()) return "none";
    return reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) + "..." : reason;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
    }
  }
}
