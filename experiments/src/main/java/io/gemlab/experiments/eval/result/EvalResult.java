package io.gemlab.experiments.eval.result;

import java.util.List;

/**
 * What an evaluation came to.
 *
 * @param model what answered
 * @param counting how it was asked
 * @param tasks one or more
 * @param groups of them
 */
public record EvalResult(
    ModelInfo model, Counting counting, List<TaskResult> tasks, List<GroupResult> groups) {}
