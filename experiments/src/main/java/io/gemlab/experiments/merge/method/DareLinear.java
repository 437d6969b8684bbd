package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.TaskVectors.Consensus;

/**
 * A weighted sum of task vectors of which elements were dropped at random.
 *
 * @see <a href="https://arxiv.org/abs/2311.03099">DARE, arXiv:2311.03099</a>
 */
public final class DareLinear implements MergeMethod {
  private static final Contract CONTRACT =
      TaskVectors.contract(
          "dare_linear",
          "Linear DARE",
          "https://arxiv.org/abs/2311.03099",
          new TaskVectors.Defaults(false, true));

  private static final TaskVectors.Recipe RECIPE =
      new TaskVectors.Recipe(new RandomDrop(), Consensus.NONE);

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    return TaskVectors.merge(inputs, values, arithmetic, RECIPE);
  }
}
