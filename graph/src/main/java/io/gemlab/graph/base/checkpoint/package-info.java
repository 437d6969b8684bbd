/**
 * Weights on disk, as Hugging Face keeps them: safetensors files, one or many, with {@code
 * config.json} beside them.
 *
 * <p>{@code SafetensorsFile} maps one file and refuses a hostile one; {@code SafetensorsWriter}
 * streams one out; {@code CheckpointKind} says what a folder is, {@code HfCheckpoint} is one that
 * loads, and {@code HfCheckpointWriter} writes one. What a {@code config.json} means is the model's
 * business, and nothing here knows TensorFlow: merging and the bundle runner use this room where
 * there is none.
 */
package io.gemlab.graph.base.checkpoint;
