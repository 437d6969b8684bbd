/**
 * What an evaluation came to, as values and as files: {@code EvalResult} with its tasks' {@code
 * TaskResult}s is {@code results.json}, and a task's items are {@code samples_TASK.jsonl}. What one
 * evaluation wrote another reads, to be compared with it.
 */
package io.gemlab.experiments.eval.result;
