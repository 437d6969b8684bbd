/**
 * Weights of 8 and 4 bits: what states a quantized matrix is kept in, and how floating-point
 * numbers become one. How it multiplies is said in {@code io.gemlab.ops.matrix}.
 */
package io.gemlab.graph.quantize;
