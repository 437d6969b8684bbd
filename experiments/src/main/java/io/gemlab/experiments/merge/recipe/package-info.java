/** mergekit's YAML, read into values; what it can't mean is refused with its place. */
package io.gemlab.experiments.merge.recipe;
