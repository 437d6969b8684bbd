package io.gemlab.tpu.pjrt.compile;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.tpu.pjrt.PjrtError;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
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
    JavaProcess.endWithParent();
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
}
