package io.gemlab.experiments.merge.method;

/**
 * What a method's numbers depend on besides its inputs and parameters.
 *
 * @param rounding of the result of each operation of the task-vector methods
 * @param rescale what makes up for what is dropped at random
 * @param masks which elements are
 */
public record Arithmetic(Rounding rounding, DropRescale rescale, Masks masks) {}
