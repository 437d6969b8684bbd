package io.gemlab.graph.path.product;

import java.util.List;
import java.util.Map;

/** Times kernels of a product. */
@FunctionalInterface
interface ProductTimer {
  /**
   * Times kernels in turns.
   *
   * @param kernels apply to the shape
   * @return milliseconds of each, the least seen
   */
  Map<ProductKernel, Double> time(ProductShape shape, List<ProductKernel> kernels);
}
