package io.gemlab.graph.decode;

import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import org.tensorflow.types.family.TFloating;

/** The step that generation takes for each new token, as a function to be exported or compiled. */
public final class ExportedDecode {
  private ExportedDecode() {}

  /**
   * One token for each row over a key-value cache: {@code (weights, cache; tokens, positions) ->
   * (cache'; the likeliest next tokens)}. Weights and cache are in the type the model computes in.
   *
   * @param rows B
   * @param capacity positions that a row may have
   */
  public static <T extends TFloating> GraphFunction trace(
      Gemma2Model<T> model, int rows, int capacity) {
    CacheLayout cache =
        new CacheLayout(model.config(), rows, capacity, Tensors.elementType(model.type()));
    return new CachedStep<>(model, cache, 1, new StepHead.Next(false, false)).trace();
  }
}
