/**
 * What a layer is made of: pure functions from operands to operands, over TensorFlow alone.
 *
 * <p>Each room holds one kind of op: {@code attention}, {@code norm}, {@code position}, {@code
 * mlp}, {@code embedding}, {@code loss}. {@code choice} says whether an implementation can do what
 * was asked; {@code gradient} lets an op bring a gradient of its own, and {@code Kernel} marks
 * values that a kernel could compute. Nothing here knows of a model, of a checkpoint, or of how the
 * graph will be run.
 *
 * <p>Local names carry shapes, as in the papers: B batch, T query length, S key length, D hidden, F
 * intermediate, N heads, K key-value heads, G = N / K, H head_dim, V vocabulary, M = B * T rows.
 */
package io.gemlab.ops;
