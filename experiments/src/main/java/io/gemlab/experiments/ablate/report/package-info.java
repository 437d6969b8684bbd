/**
 * The report of an ablation: what its records say once statistics are made ({@code Findings}), the
 * answer, and the sections. Reads records and runs nothing.
 */
package io.gemlab.experiments.ablate.report;
