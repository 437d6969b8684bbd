/**
 * Tensors as the host sees them: an element type, a shape and memory. Knows no TensorFlow, so that
 * checkpoints, PJRT devices and bundles share it.
 */
package io.gemlab.graph.base.tensor;
