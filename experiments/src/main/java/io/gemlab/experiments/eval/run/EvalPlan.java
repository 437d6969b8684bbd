package io.gemlab.experiments.eval.run;

import io.gemlab.experiments.eval.request.Bos;
import io.gemlab.experiments.eval.request.Windows;
import io.gemlab.graph.score.Prefixes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is to be evaluated, and how.
 *
 * @param checkpoint folder of the model
 * @param settings how the model computes, by their flags' names
 * @param tasks names, or files
 * @param data folder that stands for the tasks' data sets
 * @param limit documents of each task at most
 * @param shots examples for each document, whatever the task says
 * @param seed of the examples
 * @param bos whether BOS stands in front
 * @param maxLength tokens that the model reads at most; empty for its context
 * @param windows how longer texts are cut
 * @param prefixes whether what texts begin with alike is computed once
 * @param formats ways to write the prompts, the task's own first; 1 for that alone
 * @param against folder of another evaluation to be compared with
 * @param before folders of evaluations of the same run's checkpoints before this one
 */
public record EvalPlan(
    Path checkpoint,
    Map<String, String> settings,
    List<String> tasks,
    Optional<Path> data,
    OptionalInt limit,
    OptionalInt shots,
    int seed,
    Bos bos,
    OptionalInt maxLength,
    Windows windows,
    Prefixes prefixes,
    int formats,
    Optional<Path> against,
    List<Path> before) {}
