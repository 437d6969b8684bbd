/**
 * What this machine reaches at best, measured in this process: the rates that FLOP/s and bytes a
 * second in reports are a share of.
 */
package io.gemlab.experiments.machine;
