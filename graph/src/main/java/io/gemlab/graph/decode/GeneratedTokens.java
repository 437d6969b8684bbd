package io.gemlab.graph.decode;

/**
 * A row's new tokens.
 *
 * @param ids the tokens; one that ended the row is the last
 * @param logProbabilities of each, in nats, by the model and whatever the temperature; empty unless
 *     asked for
 * @param likeliest what would have been the likeliest token in the place of each; empty unless
 *     asked for
 * @param likeliestLogProbabilities of those
 * @param finish why there are no more
 */
public record GeneratedTokens(
    int[] ids,
    float[] logProbabilities,
    int[] likeliest,
    float[] likeliestLogProbabilities,
    FinishReason finish) {

  /** Of a row that ended before it had any. */
  public static GeneratedTokens none(FinishReason finish) {
    return new GeneratedTokens(new int[0], new float[0], new int[0], new float[0], finish);
  }
}
