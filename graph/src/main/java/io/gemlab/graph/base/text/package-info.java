/**
 * Text on its way to token ids and back, and corpora on their way to batches.
 *
 * <p>{@link io.gemlab.graph.base.text.Tokenizers} opens a tokenizer.json, a tokenizer.model or a
 * folder with one; {@link io.gemlab.graph.base.text.StreamDecoder} gives generated text out token
 * by token; {@link io.gemlab.graph.base.text.ChatTemplate} makes prompts of conversations, Gemma's
 * or by the template in the checkpoint's folder, and conversations to train on. A {@link
 * io.gemlab.graph.base.text.Corpus} becomes {@link io.gemlab.graph.base.text.TokenDocuments}, as do
 * a {@link io.gemlab.graph.base.text.ChatFile} and {@link io.gemlab.graph.base.text.MappedTokens};
 * they become {@link io.gemlab.graph.base.text.TrainingRows}: a run cut anywhere ({@link
 * io.gemlab.graph.base.text.TokenSequences}) or documents ({@link
 * io.gemlab.graph.base.text.DocumentRows}), of which {@link
 * io.gemlab.graph.base.text.ShuffledBatches} makes steps. {@link
 * io.gemlab.graph.base.text.PackedSequences} is what an ablation trains on, whose {@link
 * io.gemlab.graph.base.text.BigramEntropy} a trained model has to beat. Nothing here knows
 * TensorFlow or the model.
 */
package io.gemlab.graph.base.text;
