/**
 * Conformance vectors: tiny models whose logits differ grossly when a runtime drops the softcap,
 * ignores the window, scales queries wrongly or attends to padding; and what judges a runtime by
 * them, ours or another's.
 *
 * <p>{@link io.gemlab.experiments.conformance.Probe} is the data, {@link
 * io.gemlab.experiments.conformance.ReferenceModel} says what is right, {@link
 * io.gemlab.experiments.conformance.Expectation} judges. Comparing a checkpoint of one's own is
 * {@code experiments.conformance}.
 */
package io.gemlab.experiments.conformance;
