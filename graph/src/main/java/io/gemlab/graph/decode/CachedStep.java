package io.gemlab.graph.decode;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.ModelTrace;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import org.tensorflow.Operand;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The model over a cache, for T new tokens a row: {@code (weights, cache; tokens, positions) ->
 * (cache'; what the head gives)}. Decoding is T = 1; prefill is the same with more.
 *
 * @param model what is run; weights and cache are kept in the type it computes in
 * @param cache the cache's shapes
 * @param rows B: the first rows of the cache, of which the others stay as they are
 * @param length T
 * @param head what is given back
 */
record CachedStep<T extends TFloating>(
    Gemma2Model<T> model, CacheLayout cache, int rows, int length, StepHead head) {
  /** For all rows of the cache. */
  CachedStep(Gemma2Model<T> model, CacheLayout cache, int length, StepHead head) {
    this(model, cache, cache.rows(), length, head);
  }

  CachedStep {
    if (model.depth().layers() != Depth.Layers.UNROLLED) {
      throw new InvalidInput("a cache is kept layer by layer; choose unrolled layers");
    }
    if (rows <= 0 || rows > cache.rows()) {
      throw new IllegalArgumentException(
          rows + " rows of a cache of " + cache.rows() + "; give from 1 to as many");
    }
    if (length <= 0 || length > cache.capacity()) {
      throw new IllegalArgumentException(
          "%d tokens at once into a cache of %d positions; give from 1 to as many"
              .formatted(length, cache.capacity()));
    }
  }

  /** The function's name: steps that differ have names that differ. */
  String name() {
    return "step_%dx%d_of_%s_%s"
        .formatted(rows, length, cache.label().replace('/', '_'), head.label());
  }

  /** Traces it. */
  GraphFunction trace() {
    try (Trace trace = new Trace(name())) {
      ModelTrace<T> traced = ModelTrace.of(trace, model);
      build(traced, traced.tokens(rows, length));
      return trace.finish();
    }
  }

  /** Builds it in a trace, for given tokens. */
  void build(ModelTrace<T> traced, ModelTrace.Tokens tokens) {
    Trace trace = traced.trace();
    Operand<TInt32> positions_BT = tokens.positions_BT();
    Operand<T> normed_BTD =
        model
            .forwardCached(
                trace.ops(),
                traced.weights(),
                tokens.ids_BT(),
                positions_BT,
                new KvCache(trace, cache, positions_BT))
            .normed();
    head.trace(new StepHead.Step<>(traced, model, tokens, rows, length), normed_BTD);
  }
}
