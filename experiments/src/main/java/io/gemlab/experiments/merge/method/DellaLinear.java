package io.gemlab.experiments.merge.method;

/**
 * A weighted sum of task vectors of which elements were dropped at random, the smaller rather.
 *
 * @see <a href="https://arxiv.org/abs/2406.11617">arXiv:2406.11617</a>
 */
public final class DellaLinear extends TaskVectors {
  DellaLinear() {
    super(
        "della_linear",
        "Linear DELLA",
        "https://arxiv.org/abs/2406.11617",
        new Defaults(false, true),
        new RankDrop(),
        Consensus.NONE);
  }
}
