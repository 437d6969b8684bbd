package io.gemlab.graph.weights;

/** Told how far the loading of a checkpoint's weights is. */
@FunctionalInterface
public interface LoadProgress {
  /** For those who don't mind. */
  LoadProgress IGNORED = (_, _) -> {};

  /**
   * Called before the first weight, and after each.
   *
   * @param parameters loaded so far
   * @param all how many there are
   */
  void loaded(long parameters, long all);
}
