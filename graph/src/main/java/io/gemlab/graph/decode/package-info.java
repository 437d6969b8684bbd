/**
 * Generation of token ids over a key-value cache; knows no text. {@code Generator} prefills prompts
 * in chunks and decodes batches, {@code SlotGenerator} does so for rows that come and go, {@code
 * StepRunner} holds one compiled step for each shape, {@code KvCache} is what the model's layers
 * attend to, and {@code Sampler} chooses tokens in the graph.
 *
 * <p>Not here: the layers themselves ({@code gemma2}) and how a step is executed ({@code path}).
 */
package io.gemlab.graph.decode;
