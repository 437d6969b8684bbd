/**
 * The model: the pure function from Gemma 2's weights and tokens to logits.
 *
 * <p>It reads as the paper's block, and knows neither where weights live nor what will run it.
 */
package io.gemlab.graph.gemma2;
