package io.gemlab.graph.path.product;

import java.util.List;

/**
 * Which kernels compute a function's products.
 *
 * @param products in the order of their first nodes; none where a path has no choice
 */
public record ProductUse(List<Of> products) {
  /** Of a path that has no choice. */
  public static final ProductUse NONE = new ProductUse(List.of());

  public ProductUse {
    products = List.copyOf(products);
  }

  /**
   * Products of one shape.
   *
   * @param nodes how many there are, those of a loop's body once
   */
  public record Of(ProductShape shape, ProductKernel kernel, int nodes) {}

  /** As a clause for people: {@code 12 of 61 transposed (float32 2048x512x2048 NT)}. */
  public String described() {
    StringBuilder text = new StringBuilder();
    for (ProductKernel kernel : ProductKernel.values()) {
      List<Of> by = products.stream().filter(product -> product.kernel() == kernel).toList();
      if (kernel == ProductKernel.TENSORFLOW || by.isEmpty()) continue;
      text.append(
          "%d of %d %s (%s); "
              .formatted(
                  nodes(by),
                  nodes(products),
                  kernel.label(),
                  String.join(", ", by.stream().map(one -> one.shape().toString()).toList())));
    }
    return text.isEmpty()
        ? "all %d as TensorFlow has them".formatted(nodes(products))
        : text + "the others as TensorFlow has them";
  }

  private static int nodes(List<Of> products) {
    return products.stream().mapToInt(Of::nodes).sum();
  }
}
