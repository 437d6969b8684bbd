package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.files.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Tells whether two evaluations asked the same. */
public final class PromptHash {
  private PromptHash() {}

  /**
   * SHA-256 over all requests, 64 hexadecimal digits: each text in UTF-8 and a zero byte, and a one
   * byte behind each request.
   */
  public static String of(List<TaskItem> items) {
    Sha256.Pieces pieces = new Sha256.Pieces();
    for (TaskItem item : items) {
      for (TextRequest request : item.requests()) {
        switch (request) {
          case TextRequest.Continuation(String context, String continuation) -> {
            add(pieces, context);
            add(pieces, continuation);
          }
          case TextRequest.Whole(String text) -> add(pieces, text);
          case TextRequest.Completion completion -> add(pieces, completion.context());
        }
        pieces.add((byte) 1);
      }
    }
    return pieces.hex();
  }

  private static void add(Sha256.Pieces pieces, String text) {
    pieces.add(text.getBytes(StandardCharsets.UTF_8));
    pieces.add((byte) 0);
  }
}
