package io.gemlab.experiments.merge.method;

/**
 * The base and a weighted sum of what the models are more than it.
 *
 * @see <a href="https://arxiv.org/abs/2212.04089">arXiv:2212.04089</a>
 */
public final class TaskArithmetic extends TaskVectors {
  TaskArithmetic() {
    super(
        "task_arithmetic",
        "Task Arithmetic",
        "https://arxiv.org/abs/2212.04089",
        new Defaults(false, false),
        (_, _, _) -> Sparsifier.Kept.ALL,
        Consensus.NONE);
  }
}
