package io.gemlab.experiments.eval.task;

import java.util.List;

/**
 * How an answer is generated.
 *
 * @param until texts that end it and are no part of it
 * @param maxNewTokens tokens at most
 * @param temperature 0 for the likeliest token each time
 * @param topK tokens that may be drawn; 0 for all
 * @param topP the share of probability that may be drawn from
 */
public record GenerationSpec(
    List<String> until, int maxNewTokens, double temperature, int topK, double topP) {}
