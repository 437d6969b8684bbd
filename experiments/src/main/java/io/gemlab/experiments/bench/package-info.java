/**
 * How fast this machine runs Gemma 2, and where the time goes: programs of the model by path, ops
 * one by one ({@code jmh}), and what the machine itself reaches ({@code MachineRates}), which
 * everything else is a fraction of. Training a model is not here.
 */
package io.gemlab.experiments.bench;
