/**
 * What is asked for, as values: from names of the command line and keys of recipes to the paths,
 * ops, types, models and training runs that they mean.
 */
package io.gemlab.experiments.recipe;
