/**
 * The main job: arms of a recipe trained under paired seeds, timed on every path, and compared.
 *
 * <p>A recipe ({@code recipe}) becomes run records ({@code run}); the report ({@code report}) is
 * made of the recipe and the records alone, so it can be made again at any time. Here is what holds
 * them together: an ablation, what it has on disk, and what one would do.
 */
package io.gemlab.experiments.ablate;
