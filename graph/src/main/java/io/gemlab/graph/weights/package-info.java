/**
 * Weights from a checkpoint, or drawn afresh, into an executable's state and from there into a
 * checkpoint, by Hugging Face's names.
 */
package io.gemlab.graph.weights;
