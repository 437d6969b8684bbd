/**
 * Texts to token ids as lm-evaluation-harness does it: {@code RequestEncoder} moves white space
 * from a context's end to the continuation, encodes both together and cuts where the context ends,
 * puts BOS in front once, drops what is too long from the left, and cuts long texts into windows.
 * Knows tokenizers and no model.
 */
package io.gemlab.experiments.eval.request;
