package io.gemlab.graph.path.product;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One kernel for all.
 *
 * @param kernel wherever it applies; TensorFlow's own elsewhere
 */
record PinnedProducts(ProductKernel kernel) implements Products {
  @Override
  public Map<ProductShape, ProductKernel> choose(Set<ProductShape> shapes) {
    Map<ProductShape, ProductKernel> chosen = new LinkedHashMap<>();
    for (ProductShape shape : shapes) {
      chosen.put(shape, kernel.applies(shape) ? kernel : ProductKernel.TENSORFLOW);
    }
    return chosen;
  }

  @Override
  public Optional<ProductKernel> pin() {
    return Optional.of(kernel);
  }

  @Override
  public String text() {
    return kernel.label();
  }
}
