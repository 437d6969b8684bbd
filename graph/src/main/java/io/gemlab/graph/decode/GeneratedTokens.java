package io.gemlab.graph.decode;

/**
 * A row's new tokens.
 *
 * @param ids the tokens; one that ended the row is the last
 * @param logProbabilities of each, in nats, by the model and whatever the temperature; empty unless
 *     asked for
 * @param finish why there are no more
 */
public record GeneratedTokens(int[] ids, float[] logProbabilities, FinishReason finish) {}
