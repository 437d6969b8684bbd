/**
 * Merging of checkpoints by mergekit's recipes: {@code recipe} reads them, {@code plan} makes of a
 * recipe and its models a list of tensors, {@code method} knows how a tensor is merged, and {@code
 * run} does it. Knows no TensorFlow, and of the graph module only {@code base}.
 */
package io.gemlab.experiments.merge;
