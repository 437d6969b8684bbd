package io.gemlab.graph.generate;

/**
 * A row's new tokens.
 *
 * @param ids the tokens; one that ended the row is the last
 * @param logProbabilities of each, in nats, by the model and whatever the temperature; empty unless
 *     asked for
 * @param finish why there are no more
 */
public record GeneratedTokens(int[] ids, float[] logProbabilities, FinishReason finish) {
  /** Of a row that was cancelled before it began. */
  static final GeneratedTokens NONE =
      new GeneratedTokens(new int[0], new float[0], FinishReason.CANCELLED);
}
