/**
 * The study of docs/results/warp.md: trains, merges and scores small models under each seed ({@code
 * SeedRuns}, {@code ModelScores}), keeps a record of each model ({@code ScoredModel}), and says
 * what they come to ({@code WarpFindings}).
 */
package io.gemlab.experiments.merge.study;
