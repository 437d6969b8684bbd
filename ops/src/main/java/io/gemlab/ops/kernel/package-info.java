/**
 * Kernels of ours for TensorFlow's runtime, written in Java: products of a few rows with a weight
 * matrix, which read each weight once as it is kept and unpack it in registers, and attention of
 * one query a row.
 *
 * <p>{@code RowProduct} and {@code RowAttention} are the entry points, and {@code Kernels} tells
 * whether they may be opened: they need the module {@code jdk.incubator.vector}, which a Java
 * virtual machine has when started with {@code --add-modules jdk.incubator.vector}.
 */
package io.gemlab.ops.kernel;
