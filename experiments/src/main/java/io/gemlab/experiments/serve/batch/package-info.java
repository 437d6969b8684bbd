/**
 * A model for many clients at once, whatever they speak: {@code ModelService} reads a {@code
 * CompletionRequest}, has its tokens generated in the slots of a continuous batch and scored by
 * {@code ScoreQueue}, and hands back a {@code Completion} on its way, which can be cancelled. How
 * many may wait is bounded.
 *
 * <p>Not here: HTTP and JSON ({@code serve.http}), slots and cache ({@code graph.decode}).
 */
package io.gemlab.experiments.serve.batch;
