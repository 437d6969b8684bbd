/**
 * Text on its way to token ids and back, and corpora on their way to batches.
 *
 * <p>{@link io.gemlab.graph.base.text.Tokenizers} opens a tokenizer.json, a tokenizer.model or a
 * folder with one; {@link io.gemlab.graph.base.text.StreamDecoder} gives generated text out token
 * by token; {@link io.gemlab.graph.base.text.ChatTemplate} makes prompts of conversations, Gemma's
 * or by the template in the checkpoint's folder. A {@link io.gemlab.graph.base.text.Corpus} is
 * packed into {@link io.gemlab.graph.base.text.PackedSequences}, whose {@link
 * io.gemlab.graph.base.text.BigramEntropy} a trained model has to beat. Nothing here knows
 * TensorFlow or the model.
 */
package io.gemlab.graph.base.text;
