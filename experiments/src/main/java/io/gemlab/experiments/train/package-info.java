/**
 * The training loop that every experiment shares: a step again and again, hooks that hear of it
 * (progress, curves, validation, saving), and what is on disk of a run that is not complete. Knows
 * neither recipes nor how a step is traced.
 */
package io.gemlab.experiments.train;
