package io.gemlab.experiments.eval.task;

/**
 * A function of Python's that a task's YAML names with {@code !function}.
 *
 * @param qualified such as {@code utils.process_docs}
 */
record FunctionName(String qualified) {}
