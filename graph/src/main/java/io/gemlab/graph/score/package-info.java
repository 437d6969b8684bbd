/**
 * How probable given tokens are after others: what evaluation and a server's {@code echo} ask for.
 * Ids in, log-probabilities out; knows no text. {@code Scorer} answers many {@code TokenRequest}s
 * at once: those that begin alike share that beginning, which stands in a row once ({@code
 * BranchRow}), and rows are filled up so that little of them is padding ({@code RowPlan}). Logits
 * exist of scored positions alone ({@code HeadProgram}), and only the numbers asked for leave the
 * runtime.
 *
 * <p>Not here: generation and its cache ({@code decode}).
 */
package io.gemlab.graph.score;
