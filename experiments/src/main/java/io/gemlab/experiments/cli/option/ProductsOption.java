package io.gemlab.experiments.cli.option;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.product.Products;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.Option;

/** Which kernels compute matrix products. */
public final class ProductsOption {
  public static final String PRODUCTS = "--products";

  @Option(
      names = PRODUCTS,
      defaultValue = Products.AUTO,
      paramLabel = "KIND",
      description =
          "Which kernel computes a matrix product on the graph and the clustered path:"
              + " ${COMPLETION-CANDIDATES}. auto takes, for each shape, the fastest by a short timing"
              + " that is kept; each other wherever it can. Default: ${DEFAULT-VALUE}.",
      completionCandidates = Names.class)
  private String products;

  /** What it takes. */
  private static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Products.names().iterator();
    }
  }

  /**
   * What was asked for.
   *
   * @throws InvalidInput if there is no such kernel
   */
  public Products products() {
    return Products.parse(products);
  }

  /**
   * A path whose products are computed so.
   *
   * @throws InvalidInput if a kernel is pinned that it hasn't
   */
  public ExecutionPath on(ExecutionPath path) {
    Products asked = products();
    ExecutionPath with = path.withProducts(asked);
    boolean other = asked.pin().isPresent() && !asked.equals(Products.TENSORFLOW);
    if (other && !with.products().equals(asked)) {
      throw new InvalidInput(
          "--products %s: the %s path has products of its own; give --path graph or clustered, or leave --products out"
              .formatted(products, path.label()));
    }
    return with;
  }

  /** What processes that are started by this one are given of it. */
  public List<String> passedOn() {
    return List.of(PRODUCTS, products);
  }
}
