package io.gemlab.experiments.eval.result;

import io.gemlab.experiments.eval.request.Windows;

/**
 * How requests were made of texts.
 *
 * @param bos whether BOS stood before what the model read
 * @param maxLength tokens that the model read at most
 * @param windows how longer texts were cut
 * @param seed of few-shot examples
 */
public record Counting(boolean bos, int maxLength, Windows windows, int seed) {}
