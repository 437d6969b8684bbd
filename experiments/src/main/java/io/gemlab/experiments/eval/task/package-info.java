/**
 * Tasks: YAML as lm-evaluation-harness has it, read as it is, and what it makes of data. {@code
 * TaskFiles} reads tasks and groups, {@code TaskSpec} is one of them, {@code DataFiles} reads
 * documents, {@code TaskPrompts} makes each document's {@code TextRequest}s, with few-shot examples
 * drawn as Python draws them. Knows no tokenizer and no model.
 */
package io.gemlab.experiments.eval.task;
