/**
 * Which implementation of an op was asked for, and whether it can do what was asked.
 *
 * <p>A switch that can't do what was asked refuses with a reason and a remedy; where a recipe
 * allows a deviation, what was dropped is written down. Nothing falls back silently.
 */
package io.gemlab.ops.choice;
