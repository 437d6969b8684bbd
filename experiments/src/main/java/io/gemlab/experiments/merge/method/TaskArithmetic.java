package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.TaskVectors.Consensus;

/**
 * The base and a weighted sum of what the models are more than it.
 *
 * @see <a href="https://arxiv.org/abs/2212.04089">arXiv:2212.04089</a>
 */
public final class TaskArithmetic implements MergeMethod {
  private static final Contract CONTRACT =
      TaskVectors.contract(
          "task_arithmetic",
          "Task Arithmetic",
          "https://arxiv.org/abs/2212.04089",
          new TaskVectors.Defaults(false, false));

  private static final TaskVectors.Recipe RECIPE =
      new TaskVectors.Recipe((_, _, _) -> Sparsifier.Kept.ALL, Consensus.NONE);

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    return TaskVectors.merge(inputs, values, arithmetic, RECIPE);
  }
}
