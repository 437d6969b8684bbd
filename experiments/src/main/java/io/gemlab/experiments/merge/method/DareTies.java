package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.TaskVectors.Consensus;

/**
 * Task vectors of which elements were dropped at random, added up where their signs agree.
 *
 * @see <a href="https://arxiv.org/abs/2311.03099">DARE, arXiv:2311.03099</a>
 */
public final class DareTies implements MergeMethod {
  private static final Contract CONTRACT =
      TaskVectors.contract(
          "dare_ties",
          "DARE TIES",
          "https://arxiv.org/abs/2311.03099",
          new TaskVectors.Defaults(false, true));

  private static final TaskVectors.Recipe RECIPE =
      new TaskVectors.Recipe(new RandomDrop(), Consensus.SIGN);

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    return TaskVectors.merge(inputs, values, arithmetic, RECIPE);
  }
}
