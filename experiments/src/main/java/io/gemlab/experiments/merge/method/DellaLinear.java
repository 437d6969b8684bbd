package io.gemlab.experiments.merge.method;

import io.gemlab.experiments.merge.method.TaskVectors.Consensus;
import java.util.Optional;

/**
 * A weighted sum of task vectors of which elements were dropped at random, the smaller rather.
 *
 * @see <a href="https://arxiv.org/abs/2406.11617">arXiv:2406.11617</a>
 */
public final class DellaLinear implements MergeMethod {
  private static final Contract CONTRACT =
      TaskVectors.contract(
          "della_linear",
          "Linear DELLA",
          "https://arxiv.org/abs/2406.11617",
          new TaskVectors.Defaults(false, true),
          Parameter.ofModel(
              TaskVectors.EPSILON, 0.15, 0, 0.5, "how far from density the probabilities go"));

  private static final TaskVectors.Recipe RECIPE =
      new TaskVectors.Recipe(new RankDrop(), Consensus.NONE);

  @Override
  public Contract contract() {
    return CONTRACT;
  }

  @Override
  public Optional<String> problem(ParameterValues values) {
    return RankDrop.problem(values);
  }

  @Override
  public PieceMerge prepare(TensorInputs inputs, ParameterValues values, Arithmetic arithmetic) {
    return TaskVectors.merge(inputs, values, arithmetic, RECIPE);
  }
}
