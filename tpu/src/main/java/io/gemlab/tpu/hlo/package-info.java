/**
 * HLO, the program XLA compiles: one module, and finding one's way in it. {@code export} makes one
 * of a traced function, {@code rewrite} changes one, {@code cost} counts and compares them.
 * Compiling is in {@code pjrt}.
 */
package io.gemlab.tpu.hlo;
