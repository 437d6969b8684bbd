package io.gemlab.graph.generate;

import io.gemlab.graph.decode.GeneratedTokens;

/**
 * What a model went on with.
 *
 * @param text the new tokens' text, without the token or string that ended it; empty where the
 *     checkpoint has no tokenizer
 * @param tokens the new tokens, and why there are no more
 * @param timing how long it took
 */
public record Answer(String text, GeneratedTokens tokens, Timing timing) {}
