package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.config.Gemma2Config;

/**
 * Layers that follow one another.
 *
 * @param first the first, from 0
 * @param end the one after the last
 */
public record LayerRange(int first, int end) {
  public LayerRange {
    if (first < 0 || end <= first) {
      throw new InvalidInput(
          "layers %d to %d are none; give a first layer of 0 or above and an end behind it"
              .formatted(first, end - 1));
    }
  }

  /** All of a model's. */
  static LayerRange of(Gemma2Config config) {
    return new LayerRange(0, config.numHiddenLayers());
  }

  boolean contains(int layer) {
    return first <= layer && layer < end;
  }

  int size() {
    return end - first;
  }
}
