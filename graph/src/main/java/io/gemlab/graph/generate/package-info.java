/**
 * Generation over a key-value cache, and the public face for whoever wants text from a checkpoint.
 *
 * <p>{@code Gemma2} loads a checkpoint and answers a {@code Prompt}; a {@code Generation} is one
 * answer on its way. Below it {@code Generator} prefills prompts in chunks and decodes batches of
 * token ids, knowing no text; {@code StepRunner} holds one compiled step for each shape, {@code
 * KvCache} is what the model's layers attend to, and {@code Sampler} chooses tokens in the graph.
 *
 * <p>Not here: the layers themselves ({@code gemma2}), tokenizers and chat templates ({@code
 * text}), and how a step is executed ({@code path}).
 */
package io.gemlab.graph.generate;
