package io.gemlab.experiments.merge.method;

/**
 * Task vectors trimmed to their largest elements, averaged where their signs agree.
 *
 * @see <a href="https://arxiv.org/abs/2306.01708">arXiv:2306.01708</a>
 */
public final class Ties extends TaskVectors {
  Ties() {
    super(
        "ties",
        "TIES",
        "https://arxiv.org/abs/2306.01708",
        new Defaults(true, false),
        new LargestMagnitudes(),
        Consensus.SIGN);
  }
}
