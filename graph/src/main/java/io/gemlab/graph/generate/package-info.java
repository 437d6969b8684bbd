/**
 * The public face for whoever wants text from a checkpoint: {@code Gemma2} loads one and answers a
 * {@code Prompt}; a {@code Generation} is one answer on its way. In a {@code ContinuousBatch}
 * answers join each other as they are asked for. Token ids in, token ids out is in {@code decode}.
 */
package io.gemlab.graph.generate;
