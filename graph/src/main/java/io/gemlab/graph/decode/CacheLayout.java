package io.gemlab.graph.decode;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.LayerType;
import java.util.ArrayList;
import java.util.List;

/**
 * The shapes of a key-value cache: for each layer, keys and values of every position it may still
 * see. A global layer keeps {@code capacity} positions, a sliding one a ring of its window: 2B at
 * 8192 tokens in bfloat16 takes 654 MB a row instead of 872 MB.
 *
 * @param config the model's
 * @param rows B
 * @param capacity positions that a row may have
 * @param type what keys and values are kept in
 * @param purpose tells caches of like shapes apart that exist side by side
 */
record CacheLayout(Gemma2Config config, int rows, int capacity, ElementType type, Purpose purpose) {

  /** What a cache is for. */
  enum Purpose {
    /** A batch that is generated from its beginning to its end. */
    BATCH(""),
    /** A prompt that is taken in before its row joins others. */
    PROMPT("prompt/"),
    /** Rows that come and go. */
    SLOTS("slots/");

    private final String folder;

    Purpose(String folder) {
      this.folder = folder;
    }
  }

  /** What a layer's cache consists of. */
  enum Part {
    KEYS,
    VALUES
  }

  CacheLayout {
    if (rows <= 0 || capacity <= 0) {
      throw new IllegalArgumentException(
          "a cache of " + rows + " rows and " + capacity + " positions; give numbers above 0");
    }
  }

  /** A batch's cache. */
  CacheLayout(Gemma2Config config, int rows, int capacity, ElementType type) {
    this(config, rows, capacity, type, Purpose.BATCH);
  }

  /** A name for it, unlike others'. */
  String label() {
    return "%s%dx%d".formatted(purpose.folder, rows, capacity);
  }

  /** Positions that a layer keeps. */
  int slots(int layer) {
    return config.layerTypes().get(layer) == LayerType.SLIDING_ATTENTION
        ? Math.min(config.slidingWindow(), capacity)
        : capacity;
  }

  /** The fewest positions that any layer keeps. */
  int fewestSlots() {
    int fewest = capacity;
    for (int i = 0; i < config.numHiddenLayers(); i++) fewest = Math.min(fewest, slots(i));
    return fewest;
  }

  /** A layer's keys or values as a state: [B, K, S, H]. */
  TensorSpec spec(int layer, Part part) {
    String name = "cache/%s/layers.%d/%s".formatted(label(), layer, part.name().toLowerCase());
    return new TensorSpec(
        name,
        type,
        TensorShape.of(rows, config.numKeyValueHeads(), slots(layer), config.headDim()));
  }

  /** All of it. */
  List<TensorSpec> specs() {
    List<TensorSpec> specs = new ArrayList<>();
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      for (Part part : Part.values()) specs.add(spec(i, part));
    }
    return specs;
  }
}
