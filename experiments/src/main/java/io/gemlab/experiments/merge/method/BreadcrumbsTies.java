package io.gemlab.experiments.merge.method;

/**
 * Task vectors without their largest and their smallest elements, added up where their signs agree.
 *
 * @see <a href="https://arxiv.org/abs/2312.06795">arXiv:2312.06795</a>
 */
public final class BreadcrumbsTies extends TaskVectors {
  BreadcrumbsTies() {
    super(
        "breadcrumbs_ties",
        "Model Breadcrumbs with TIES",
        "https://arxiv.org/abs/2312.06795",
        new Defaults(false, false),
        new MiddleMagnitudes(),
        Consensus.SIGN);
  }
}
