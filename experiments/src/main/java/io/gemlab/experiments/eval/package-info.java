/**
 * {@code gemlab eval}: tasks of lm-evaluation-harness, counted as it counts them. Five rooms, each
 * of which knows those before it at most:
 *
 * <p>{@code task} makes documents' requests out of a task's YAML and its data, as texts; {@code
 * request} makes token ids of texts; {@code score} has a model answer requests, which a server does
 * too, and alone knows models; {@code metric} makes numbers of answers; {@code run} is a folder
 * with results, samples, a report, and what a stopped run goes on with.
 */
package io.gemlab.experiments.eval;
