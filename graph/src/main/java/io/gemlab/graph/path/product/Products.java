package io.gemlab.graph.path.product;

import io.gemlab.graph.base.input.NearestName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Says which kernel computes a product. Of one shape it always says the same. */
public interface Products {
  /** The name of a choice by timings. */
  String AUTO = "auto";

  /** All by TensorFlow's own products. */
  Products TENSORFLOW = pinned(ProductKernel.TENSORFLOW);

  /**
   * Chooses.
   *
   * @return a kernel that applies, for each shape
   */
  Map<ProductShape, ProductKernel> choose(Set<ProductShape> shapes);

  /** The kernel that computes whatever it can; empty where timings decide. */
  Optional<ProductKernel> pin();

  /** The file in which this machine's timings are kept; empty where none are. It may be deleted. */
  static Optional<Path> timings() {
    return TimingsFile.ofThisMachine().map(TimingsFile::path);
  }

  /** What another process reads the same of, by {@link #parse}. */
  String text();

  /**
   * Reads what {@link #text} wrote, or what a user names: {@value #AUTO} or a kernel.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if it is something else
   */
  static Products parse(String text) {
    if (text.startsWith(RecordedProducts.FILE)) {
      return RecordedProducts.open(Path.of(text.substring(RecordedProducts.FILE.length())));
    }
    if (text.equals(AUTO)) return measured();
    return ProductKernel.find(text)
        .map(Products::pinned)
        .orElseThrow(() -> NearestName.unknown("products", text, names()));
  }

  /** What a user may name. */
  static List<String> names() {
    return Stream.concat(Stream.of(AUTO), ProductKernel.labels().stream()).toList();
  }

  /** One kernel wherever it applies, and TensorFlow's own elsewhere. */
  static Products pinned(ProductKernel kernel) {
    return new PinnedProducts(kernel);
  }

  /**
   * The fastest by timings, which this machine keeps for all processes of as many threads; what
   * nobody has timed yet is timed when it is asked for.
   */
  static Products measured() {
    return MeasuredProducts.ofThisMachine();
  }
}
