/**
 * The training step: a pure function from state and batch to state and metrics.
 *
 * <p>Weights, moments and the step counter are state; the loss is an argument of the trace, so that
 * cross-entropy, distillation and fine-tuning share one step. Names of the optimizer's state are
 * PyTorch's.
 */
package io.gemlab.graph.train;
