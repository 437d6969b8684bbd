/** From names of the command line and of recipes to the paths, ops, types and models they mean. */
package io.gemlab.experiments.recipe;
