/**
 * The runs of an ablation by kind: training, the training step alone, timing, agreement. Each
 * leaves a record, whose measures are named here.
 */
package io.gemlab.experiments.ablate.run;
