/**
 * What training minimises: a number for each scored position, in float32.
 *
 * <p>{@code CrossEntropy} against labels, {@code KlDivergence} and {@code GeneralizedJsd} against a
 * teacher, {@code TopKDivergence} against one of whom the likeliest tokens are known. What a sum
 * over positions is divided by is the training step's business; {@code LossSum} is the sum over
 * those scored.
 */
package io.gemlab.ops.loss;
