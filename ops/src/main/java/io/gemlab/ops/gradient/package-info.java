/**
 * Gradients of our own for one place in a graph, where the traced ones would cost too much.
 *
 * <p>TensorFlow Java registers gradients by op type; {@code CustomGradient} brings that down to a
 * single value by marking it. Nothing here knows what is differentiated.
 */
package io.gemlab.ops.gradient;
