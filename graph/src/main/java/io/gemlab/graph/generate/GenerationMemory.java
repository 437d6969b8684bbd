package io.gemlab.graph.generate;

import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;

/**
 * What decoding keeps in memory: weights and cache, which are the state of every traced step.
 * Activations and what a runtime needs besides are not in it.
 *
 * @param embedding bytes of the embedding, scales included
 * @param layers bytes of all other weights, scales included
 * @param cache bytes of the key-value cache
 * @param cacheWithoutRings bytes that the cache would have if sliding layers kept every position
 */
public record GenerationMemory(long embedding, long layers, long cache, long cacheWithoutRings) {

  /**
   * Adds up the traced weights and the cache that is allocated for a request.
   *
   * @param rows B
   * @param positions positions of the longest row
   */
  public static GenerationMemory of(Gemma2Model<?> model, int rows, int positions) {
    long embedding = 0;
    long layers = 0;
    for (GraphFunction.Input input : Generator.weights(model).state()) {
      boolean ofEmbedding = input.spec().name().startsWith(WeightSpec.EMBEDDING);
      if (ofEmbedding) embedding += input.spec().bytes();
      else layers += input.spec().bytes();
    }
    CacheLayout layout =
        Buckets.cache(model.config(), Tensors.elementType(model.type()), rows, positions);
    long cache = 0;
    long whole = 0;
    for (TensorSpec spec : layout.specs()) {
      cache += spec.bytes();
      whole += spec.bytes() / spec.shape().dimensions().get(2) * layout.capacity();
    }
    return new GenerationMemory(embedding, layers, cache, whole);
  }

  /** Bytes of weights and scales. */
  public long weights() {
    return embedding + layers;
  }

  /** Bytes of it all. */
  public long total() {
    return weights() + cache;
  }
}
