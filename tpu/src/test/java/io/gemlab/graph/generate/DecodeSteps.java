package io.gemlab.graph.generate;

import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.tensor.ElementType;
import io.gemlab.graph.trace.GraphFunction;
import org.tensorflow.types.TFloat32;

/** Traces the generator's own step of one token, which this package keeps to itself. */
public final class DecodeSteps {
  private DecodeSteps() {}

  /**
   * A greedy step.
   *
   * @param capacity positions that a row may have
   */
  public static GraphFunction greedy(Gemma2Model<TFloat32> model, int rows, int capacity) {
    CacheLayout cache = new CacheLayout(model.config(), rows, capacity, ElementType.F32);
    return new CachedStep<>(model, cache, 1, new StepHead.Next(false, false)).trace();
  }
}
