/**
 * The model: Gemma 2's configuration and presets, its weights by Hugging Face's names, and the pure
 * function from weights and tokens to logits.
 *
 * <p>It reads as the paper's block, and knows neither where weights live nor what will run it.
 */
package io.gemlab.graph.gemma2;
