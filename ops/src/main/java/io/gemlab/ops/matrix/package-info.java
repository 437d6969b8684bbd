/**
 * Weight matrices, however they are kept: dense or quantized. What multiplies by one doesn't know
 * which.
 */
package io.gemlab.ops.matrix;
