package io.gemlab.experiments.merge.method;

/**
 * A weighted sum of task vectors without their largest and their smallest elements.
 *
 * @see <a href="https://arxiv.org/abs/2312.06795">arXiv:2312.06795</a>
 */
public final class Breadcrumbs extends TaskVectors {
  Breadcrumbs() {
    super(
        "breadcrumbs",
        "Model Breadcrumbs",
        "https://arxiv.org/abs/2312.06795",
        new Defaults(false, false),
        new MiddleMagnitudes(),
        Consensus.NONE);
  }
}
