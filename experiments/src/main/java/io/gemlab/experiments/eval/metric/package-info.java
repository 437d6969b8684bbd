/**
 * Numbers made of answers: pure functions of a document's {@code Answers} for each metric, filters
 * that extract an answer from a text, and what a task's values come to, with standard errors.
 */
package io.gemlab.experiments.eval.metric;
