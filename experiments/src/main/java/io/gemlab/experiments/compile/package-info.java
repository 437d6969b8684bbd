/**
 * {@code gemlab compile}: one of the model's programs handed to a TPU's or a GPU's compiler, with
 * no device at hand, and what comes of it: whether it fits, what it holds, how long it should take.
 * Tracing, export and PJRT are elsewhere; here is what to compile, and the report.
 */
package io.gemlab.experiments.compile;
