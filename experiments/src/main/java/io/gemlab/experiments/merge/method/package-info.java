/**
 * Ways to merge a tensor of several models, a file each. A {@code MergeMethod} says what it takes
 * ({@code Contract}, as data), looks at a tensor as often as it must, and then makes the result
 * piece by piece, so that no tensor has to be in memory.
 *
 * <p>{@code TaskVectors} is what the methods share that add sparse differences to a base, {@code
 * Combination} what those share that turn one direction to another: sums of the inputs with
 * coefficients that follow from inner products. Suffixes of names: M models, N elements of a piece,
 * D elements of a row, G vectors of a tensor.
 */
package io.gemlab.experiments.merge.method;
