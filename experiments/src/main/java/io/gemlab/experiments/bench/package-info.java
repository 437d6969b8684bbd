/**
 * How fast this machine runs Gemma 2, and where the time goes: programs of the model by path, and
 * ops one by one ({@code jmh}). Training a model is not here.
 */
package io.gemlab.experiments.bench;
