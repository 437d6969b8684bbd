/**
 * The main job: arms of a recipe trained under paired seeds, timed on every path, and compared.
 *
 * <p>A recipe becomes run records; the report is made of the recipe and the records alone, so it
 * can be made again at any time.
 */
package io.gemlab.experiments.ablate;
