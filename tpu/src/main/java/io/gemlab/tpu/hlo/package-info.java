/**
 * HLO, the program XLA compiles: exported from a traced function, counted, rewritten and compared.
 * Compiling it is in {@code pjrt}.
 *
 * <p>A program is exported before any optimization, from the same graph that every path runs.
 */
package io.gemlab.tpu.hlo;
