package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.TaskVectors.Consensus;

/**
 * Task vectors trimmed to their largest elements, averaged where their signs agree.
 *
 * @see <a href="https://arxiv.org/abs/2306.01708">arXiv:2306.01708</a>
 */
public final class Ties implements MergeMethod {
  private static final Contract CONTRACT =
      TaskVectors.contract(
          "ties",
          "TIES",
          "https://arxiv.org/abs/2306.01708",
          new TaskVectors.Defaults(true, false));

  private static final TaskVectors.Recipe RECIPE =
      new TaskVectors.Recipe(new LargestMagnitudes(), Consensus.SIGN);

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    return TaskVectors.merge(inputs, values, arithmetic, RECIPE);
  }
}
