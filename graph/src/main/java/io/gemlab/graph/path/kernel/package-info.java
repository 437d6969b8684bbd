/**
 * Kernels of ours for TensorFlow's runtime, written in Java: products of a few rows with a weight
 * matrix, which read each weight once as it is kept and unpack it in registers, and attention of
 * one query a row. Products of 8-bit integers are oneDNN's, of any number of rows, with weights
 * packed once for all calls ({@code DnnlApi} alone calls its C functions); our threads share them.
 *
 * <p>{@code Kernels} is the entry: whether this process has them, and a function with kernels where
 * {@code Kernel} marked places for them. They need the module {@code jdk.incubator.vector}, which a
 * Java virtual machine has when started with {@code --add-modules jdk.incubator.vector}.
 */
package io.gemlab.graph.path.kernel;
