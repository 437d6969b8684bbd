package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.TaskVectors.Consensus;

/**
 * A weighted sum of task vectors without their largest and their smallest elements.
 *
 * @see <a href="https://arxiv.org/abs/2312.06795">arXiv:2312.06795</a>
 */
public final class Breadcrumbs implements MergeMethod {
  private static final Contract CONTRACT =
      TaskVectors.contract(
          "breadcrumbs",
          "Model Breadcrumbs",
          "https://arxiv.org/abs/2312.06795",
          new TaskVectors.Defaults(false, false),
          Parameter.ofModel(
              TaskVectors.GAMMA, 0.01, 0, 1, "which share of the largest magnitudes is dropped"));

  private static final TaskVectors.Recipe RECIPE =
      new TaskVectors.Recipe(new MiddleMagnitudes(), Consensus.NONE);

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    return TaskVectors.merge(inputs, values, arithmetic, RECIPE);
  }
}
