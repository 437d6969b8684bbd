/**
 * Many devices: which there are, how they are arranged, and how the model's tensors are cut over
 * them.
 *
 * <p>A plan is checked before anything is compiled, and handed to the compiler as annotations of
 * the program's inputs and outputs; the compiler partitions the rest (GSPMD).
 */
package io.gemlab.tpu.mesh;
