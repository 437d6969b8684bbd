package io.gemlab.experiments.merge.method;

/**
 * Task vectors of which elements were dropped at random, added up where their signs agree.
 *
 * @see <a href="https://arxiv.org/abs/2311.03099">DARE, arXiv:2311.03099</a>
 */
public final class DareTies extends TaskVectors {
  DareTies() {
    super(
        "dare_ties",
        "DARE TIES",
        "https://arxiv.org/abs/2311.03099",
        new Defaults(false, true),
        new RandomDrop(),
        Consensus.SIGN);
  }
}
