/**
 * {@code gemlab eval}: tasks of lm-evaluation-harness, counted as it counts them. Each room knows
 * those before it at most:
 *
 * <p>{@code task} makes documents' requests out of a task's YAML and its data, as texts; {@code
 * request} makes token ids of texts; {@code score} has a model answer requests, which a server does
 * too, and alone knows models; {@code metric} makes numbers of answers; {@code result} is what came
 * out, as values and as files; {@code report} tells it; {@code run} is a folder with all of that,
 * and with what a stopped run goes on with.
 */
package io.gemlab.experiments.eval;
