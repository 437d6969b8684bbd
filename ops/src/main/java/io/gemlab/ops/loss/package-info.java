/**
 * What training minimises: a number for each scored position, in float32.
 *
 * <p>{@code CrossEntropy} against labels, {@code KlDivergence} and {@code GeneralizedJsd} against a
 * teacher. How positions are averaged is the training step's business; {@code LossMean} is the mean
 * over those scored.
 */
package io.gemlab.ops.loss;
