package io.gemlab.graph.path.product;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The fastest kernel of each product, by timings that are kept for other processes. */
final class MeasuredProducts implements Products {
  /** Of TensorFlow's time, what another kernel may take at most: noise is to choose nothing. */
  static final double MARGIN = 0.95;

  private final Optional<TimingsFile> kept;
  private final ProductTimer timer;
  private final Map<ProductShape, ProductKernel> chosen = new HashMap<>();

  /**
   * @param kept timings of this machine; empty where none are kept
   * @param timer of products that nobody timed
   */
  MeasuredProducts(Optional<TimingsFile> kept, ProductTimer timer) {
    this.kept = kept;
    this.timer = timer;
  }

  static MeasuredProducts ofThisMachine() {
    return new MeasuredProducts(TimingsFile.ofThisMachine(), new SessionTimer());
  }

  @Override
  public synchronized Map<ProductShape, ProductKernel> choose(Set<ProductShape> shapes) {
    Set<ProductShape> open = new LinkedHashSet<>(shapes);
    open.removeIf(shape -> !shape.hasChoice() || chosen.containsKey(shape));
    if (!open.isEmpty()) decide(open);
    Map<ProductShape, ProductKernel> choice = new LinkedHashMap<>();
    for (ProductShape shape : shapes) {
      choice.put(shape, chosen.getOrDefault(shape, ProductKernel.TENSORFLOW));
    }
    return choice;
  }

  private void decide(Set<ProductShape> open) {
    Map<ProductShape, Map<ProductKernel, Double>> times =
        kept.map(file -> file.complete(open, this::time)).orElseGet(() -> times(open));
    times.forEach((shape, millis) -> chosen.put(shape, fastest(millis)));
  }

  private Map<ProductShape, Map<ProductKernel, Double>> times(Set<ProductShape> open) {
    Map<ProductShape, Map<ProductKernel, Double>> times = new LinkedHashMap<>();
    open.forEach(shape -> times.put(shape, time(shape)));
    return times;
  }

  private Map<ProductKernel, Double> time(ProductShape shape) {
    return timer.time(shape, ProductKernel.candidates(shape));
  }

  /** TensorFlow's own, unless another is clearly faster. */
  private static ProductKernel fastest(Map<ProductKernel, Double> millis) {
    ProductKernel fastest = ProductKernel.TENSORFLOW;
    double least = MARGIN * millis.get(ProductKernel.TENSORFLOW);
    for (Map.Entry<ProductKernel, Double> each : millis.entrySet()) {
      if (each.getKey() == ProductKernel.TENSORFLOW || each.getValue() >= least) continue;
      fastest = each.getKey();
      least = each.getValue();
    }
    return fastest;
  }

  @Override
  public Optional<ProductKernel> pin() {
    return Optional.empty();
  }

  @Override
  public String text() {
    return AUTO;
  }
}
