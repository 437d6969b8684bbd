package io.gemlab.experiments.eval.request;

import io.gemlab.experiments.eval.task.GenerationSpec;
import io.gemlab.graph.score.TokenRequest;
import java.util.List;

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

  /** Tokens of its text, and of the answer that may be generated at most. */
  default long tokens() {
    return switch (this) {
      case Scored scored ->
          scored.parts().stream()
              .mapToLong(part -> part.context().length + part.continuation().length)
              .sum();
      case Generated generated ->
          (long) generated.prompt().length + generated.generation().maxNewTokens();
    };
  }
}
