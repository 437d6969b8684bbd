/** Normalisation: {@code RmsNorm} as Gemma 2 has it. */
package io.gemlab.ops.norm;
