package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.TaskVectors.Consensus;

/**
 * Task vectors without their largest and their smallest elements, added up where their signs agree.
 *
 * @see <a href="https://arxiv.org/abs/2312.06795">arXiv:2312.06795</a>
 */
public final class BreadcrumbsTies implements MergeMethod {
  private static final Contract CONTRACT =
      TaskVectors.contract(
          "breadcrumbs_ties",
          "Model Breadcrumbs with TIES",
          "https://arxiv.org/abs/2312.06795",
          new TaskVectors.Defaults(false, false),
          Parameter.ofModel(
              TaskVectors.GAMMA, 0.01, 0, 1, "which share of the largest magnitudes is dropped"));

  private static final TaskVectors.Recipe RECIPE =
      new TaskVectors.Recipe(new MiddleMagnitudes(), Consensus.SIGN);

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    return TaskVectors.merge(inputs, values, arithmetic, RECIPE);
  }
}
