/**
 * Gemma 2 and its execution: the model, its checkpoints and text, traced functions, execution paths
 * and the training step.
 *
 * <p>The model is a pure function of weights and tokens; tracing makes a {@code GraphFunction} of
 * it; an execution path runs that, always the same one, in its own way. Whoever executes owns the
 * state.
 */
package io.gemlab.graph;
