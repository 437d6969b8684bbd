/**
 * What an ablation is asked to do: recipes in YAML, what may be laid over them, the values that
 * they stand for, and the reference of their keys. Nothing is run here.
 */
package io.gemlab.experiments.ablate.recipe;
