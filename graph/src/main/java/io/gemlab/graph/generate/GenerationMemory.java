package io.gemlab.graph.generate;

import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.tensor.TensorSpec;
import io.gemlab.graph.trace.GraphFunction;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What decoding keeps in memory: the state of the traced step that decodes a token. Activations and
 * what a runtime needs besides are not in it.
 *
 * @param embedding bytes of the embedding, scales included
 * @param layers bytes of all other weights, scales included
 * @param cache bytes of the key-value cache
 * @param cacheWithoutRings bytes that the cache would have if sliding layers kept every position
 */
public record GenerationMemory(long embedding, long layers, long cache, long cacheWithoutRings) {

  /**
   * Traces the step and adds up its state.
   *
   * @param rows B
   * @param positions positions of the longest row
   */
  public static <T extends org.tensorflow.types.family.TFloating> GenerationMemory of(
      Gemma2Model<T> model, int rows, int positions) {
    CacheLayout layout =
        Buckets.cache(model.config(), Tensors.elementType(model.type()), rows, positions);
    Set<String> cached =
        layout.specs().stream()
            .map(TensorSpec::name)
            .collect(Collectors.toCollection(HashSet::new));
    GraphFunction step =
        new CachedStep<>(model, layout, 1, new StepHead.Next(false, false)).trace();
    long embedding = 0;
    long layers = 0;
    long cache = 0;
    long whole = 0;
    for (GraphFunction.Input input : step.state()) {
      TensorSpec spec = input.spec();
      if (cached.contains(spec.name())) {
        cache += spec.bytes();
        whole += spec.bytes() / spec.shape().dimensions().get(2) * layout.capacity();
      } else if (spec.name().startsWith(WeightSpec.EMBEDDING)) {
        embedding += spec.bytes();
      } else {
        layers += spec.bytes();
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
