package io.gemlab.experiments.merge.method;

/**
 * Task vectors of which elements were dropped at random, the smaller rather, averaged where their
 * signs agree.
 *
 * @see <a href="https://arxiv.org/abs/2406.11617">arXiv:2406.11617</a>
 */
public final class Della extends TaskVectors {
  Della() {
    super(
        "della",
        "DELLA",
        "https://arxiv.org/abs/2406.11617",
        new Defaults(true, true),
        new RankDrop(),
        Consensus.SIGN);
  }
}
