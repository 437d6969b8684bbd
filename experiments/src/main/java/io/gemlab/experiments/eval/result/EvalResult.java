package io.gemlab.experiments.eval.result;

import java.util.List;

/**
 * What an evaluation came to.
 *
 * @param model what answered
 * @param counting how it was asked
 * @param tasks one or more
 * @param groups of them
 * @param formats the tasks in several formats; empty where they were asked in their own alone
 * @param noise of the run's checkpoints; empty where none were named
 */
public record EvalResult(
    ModelInfo model,
    Counting counting,
    List<TaskResult> tasks,
    List<GroupResult> groups,
    List<TaskFormats> formats,
    List<TaskNoise> noise) {}
