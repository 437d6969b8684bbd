/**
 * A report as a value and its three forms. {@link io.gemlab.reports.render.Report} holds the
 * question, the answer and sections of {@link io.gemlab.reports.render.Block}s; {@code
 * io.gemlab.experiments.run.ReportWriter} writes it as one self-contained HTML page, as Markdown,
 * and as JSON with every number. Whoever runs an experiment builds the report; {@link
 * io.gemlab.reports.render.ComparisonBlocks}, {@link io.gemlab.reports.render.MainEffectsBlocks}
 * and {@link io.gemlab.reports.render.RunBlocks} make the blocks that every experiment needs.
 * Blocks hold values, never formatted numbers: each form decides how they look.
 */
package io.gemlab.reports.render;
