package io.gemlab.graph.base.text;

/**
 * A batch to train on.
 *
 * @param inputIds [B, T] token ids
 * @param labels [B, T] the token that follows each of {@code inputIds}
 */
public record Batch(int[][] inputIds, int[][] labels) {}
