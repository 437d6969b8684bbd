package io.gemlab.experiments.eval.request;

import io.gemlab.experiments.eval.task.GenerationSpec;
import io.gemlab.graph.score.TokenRequest;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What a model is asked, as token ids. */
public sealed interface EncodedRequest {
  /** Whether some of its text had to be left out, on the left. */
  boolean cut();

  /**
   * Tokens to be scored.
   *
   * @param parts one, or the windows of a long text
   */
  record Scored(List<TokenRequest> parts, boolean cut) implements EncodedRequest {}

  /**
   * Tokens to go on from.
   *
   * @param prompt the tokens
   * @param generation how to go on
   */
  record Generated(int[] prompt, GenerationSpec generation, boolean cut)
      implements EncodedRequest {}

  /** The ids that the model reads, window by window. */
  default Stream<int[]> inputs() {
    return switch (this) {
      case Scored scored ->
          scored.parts().stream()
              .map(
                  part -> {
                    int[] ids = part.context();
                    int[] all = Arrays.copyOf(ids, ids.length + part.continuation().length);
                    System.arraycopy(
                        part.continuation(), 0, all, ids.length, part.continuation().length);
                    return all;
                  });
      case Generated generated -> Stream.of(generated.prompt());
    };
  }
}
