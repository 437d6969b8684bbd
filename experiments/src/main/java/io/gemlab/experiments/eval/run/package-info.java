/**
 * An evaluation as a folder: {@code EvalRun} answers tasks' requests, {@code results.json} and
 * {@code samples_TASK.jsonl} are what came out, the report tells it, and {@code --against} compares
 * it with an earlier one, item by item.
 */
package io.gemlab.experiments.eval.run;
