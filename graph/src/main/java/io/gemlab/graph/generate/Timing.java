package io.gemlab.graph.generate;

import java.time.Duration;

/**
 * How long an answer took, once it was its turn.
 *
 * @param promptTokens tokens of its prompt
 * @param cachedTokens how many of them were in the cache already
 * @param firstToken until its first new token was there: the prompt taken in, and before that
 *     programs readied, where none of the shape was used before
 * @param rest from then until its last token
 */
public record Timing(int promptTokens, int cachedTokens, Duration firstToken, Duration rest) {}
