package io.gemlab.graph.decode;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Parameter;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.runtime.Tensors;
import java.util.List;

/**
 * What decoding keeps in memory: weights and cache, which are the state of every traced step.
 * Activations and what a runtime needs besides are not in it.
 *
 * @param embedding bytes of the embedding, scales included; twice where products round activations,
 *     since lookups want plain rows and the head's kernel packed ones
 * @param layers bytes of all other weights, scales included
 * @param cache bytes of the key-value cache
 * @param cacheWithoutRings bytes that the cache would have if sliding layers kept every position
 */
public record GenerationMemory(long embedding, long layers, long cache, long cacheWithoutRings) {

  /**
   * Adds up the weights as they are kept and the cache that is allocated for a request.
   *
   * @param rows B
   * @param positions positions of the longest row
   */
  public static GenerationMemory of(Gemma2Model<?> model, int rows, int positions) {
    ElementType type = Tensors.elementType(model.type());
    return of(model, List.of(Buckets.cache(model.config(), type, rows, positions)));
  }

  /**
   * The same of rows that come and go.
   *
   * @param slots rows that there may be at once
   * @param positions of each
   */
  public static GenerationMemory ofSlots(Gemma2Model<?> model, int slots, int positions) {
    return of(model, SlotGenerator.caches(model, slots, positions));
  }

  private static GenerationMemory of(Gemma2Model<?> model, List<CacheLayout> layouts) {
    long embedding = 0;
    long layers = 0;
    ElementType type = Tensors.elementType(model.type());
    int embeddings = model.quantization().roundsActivations() ? 2 : 1;
    for (Parameter parameter : Parameters.of(model, type).all()) {
      long bytes = parameter.states().stream().mapToLong(TensorSpec::bytes).sum();
      if (parameter.name().equals(WeightSpec.EMBEDDING)) embedding += embeddings * bytes;
      else layers += bytes;
    }
    long cache = 0;
    long whole = 0;
    for (CacheLayout layout : layouts) {
      for (TensorSpec spec : layout.specs()) {
        cache += spec.bytes();
        whole += spec.bytes() / spec.shape().dimensions().get(2) * layout.capacity();
      }
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
