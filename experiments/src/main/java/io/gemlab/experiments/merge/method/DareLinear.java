package io.gemlab.experiments.merge.method;

/**
 * A weighted sum of task vectors of which elements were dropped at random.
 *
 * @see <a href="https://arxiv.org/abs/2311.03099">DARE, arXiv:2311.03099</a>
 */
public final class DareLinear extends TaskVectors {
  DareLinear() {
    super(
        "dare_linear",
        "Linear DARE",
        "https://arxiv.org/abs/2311.03099",
        new Defaults(false, true),
        new RandomDrop(),
        Consensus.NONE);
  }
}
