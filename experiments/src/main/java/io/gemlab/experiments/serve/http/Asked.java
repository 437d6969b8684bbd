package io.gemlab.experiments.serve.http;

import io.gemlab.experiments.serve.batch.CompletionRequest;

/**
 * What a route is asked for.
 *
 * @param stream whether the answer comes piece by piece
 * @param usage whether a stream's end tells the tokens counted
 */
record Asked(CompletionRequest request, boolean stream, boolean usage) {}
