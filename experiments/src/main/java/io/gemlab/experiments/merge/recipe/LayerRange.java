package io.gemlab.experiments.merge.recipe;

/**
 * Layers that follow each other.
 *
 * @param from the first
 * @param to the one after the last
 */
public record LayerRange(int from, int to) {
  /** How many they are. */
  public int count() {
    return to - from;
  }
}
