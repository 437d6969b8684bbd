/**
 * Weights on disk, as Hugging Face keeps them: safetensors files, one or many, with {@code
 * config.json} beside them.
 *
 * <p>{@link io.gemlab.graph.checkpoint.SafetensorsFile} maps one file and refuses a hostile one;
 * {@link io.gemlab.graph.checkpoint.SafetensorsWriter} streams one out; {@link
 * io.gemlab.graph.checkpoint.HfCheckpoint} is a folder of them; {@link
 * io.gemlab.graph.checkpoint.WeightNames} says which tensors a Gemma 2 of given sizes has. What a
 * {@code config.json} means is the model's business, and nothing here knows TensorFlow: merging and
 * the bundle runner use this room where there is none.
 */
package io.gemlab.graph.checkpoint;
