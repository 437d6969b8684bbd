/**
 * Kernels of ours for TensorFlow's runtime, written in Java: products of a few rows with a weight
 * matrix, which read each weight once as it is kept and unpack it in registers.
 *
 * <p>{@code RowProduct} is the door. It needs the module {@code jdk.incubator.vector}, which a Java
 * virtual machine has when started with {@code --add-modules jdk.incubator.vector}; without it
 * there are no kernels, and products are TensorFlow's own.
 */
package io.gemlab.ops.kernel;
