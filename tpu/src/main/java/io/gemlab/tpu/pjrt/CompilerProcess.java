package io.gemlab.tpu.pjrt;

import io.gemlab.graph.InvalidInput;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The main class of a compiling process: reads a request from a file, writes the answer to another.
 */
final class CompilerProcess {
  private CompilerProcess() {}

  /**
   * @param files the request; and the answer, which appears when it is whole
   */
  public static void main(String[] files) throws IOException {
    endWithParent();
    CompileRequest request;
    try (DataInputStream in = new DataInputStream(Files.newInputStream(Path.of(files[0])))) {
      request = RequestMessage.read(in);
    }
    Path answer = Path.of(files[1]);
    Path beside = answer.resolveSibling("answer.part");
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(beside)))) {
      try {
        AnswerMessage.write(PjrtCompiler.compile(request), out);
      } catch (InvalidInput | PjrtError e) {
        AnswerMessage.write(e, out);
      }
    }
    Files.move(beside, answer);
    // A plugin's own threads and destructors have no more say.
    Runtime.getRuntime().halt(0);
  }

  /** Ends this process when the one that started it is gone: then its end of the pipe closes. */
  private static void endWithParent() {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                System.in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                // The pipe is broken, which says the same.
              }
              Runtime.getRuntime().halt(1);
            });
  }
}
