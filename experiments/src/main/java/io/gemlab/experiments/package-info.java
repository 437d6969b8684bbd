/**
 * The harnesses, one a package, and the command line ({@code cli}). {@code choice} turns names of
 * the command line and of recipes into what they stand for; {@code measure} runs and records
 * measurements for all of them. Nothing of a model's mathematics is here but the float64 reference
 * that the conformance vectors are held to.
 */
package io.gemlab.experiments;
