package io.gemlab.graph.train;

import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.ModelTrace;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import org.tensorflow.types.family.TFloating;

/**
 * A teacher's layers, whose head a student's step applies: {@code (weights; tokens, positions) ->}
 * {@link DivergenceLoss#HIDDEN}. So no scores over the vocabulary cross from the one to the other.
 *
 * @param model the teacher; weights are kept in the type it computes in
 * @param batch its size; packed documents don't see each other
 */
public record TeacherHiddenPass<T extends TFloating>(
    Gemma2Model<T> model, TrainingLoss.BatchShape batch) {
  /** Traces it as function {@code name}. */
  public GraphFunction trace(String name) {
    try (Trace trace = new Trace(name)) {
      ModelTrace<T> traced = ModelTrace.of(trace, model);
      ModelTrace.Tokens tokens =
          traced.tokens(batch.batchSize(), batch.sequenceLength(), batch.packing());
      trace.result(DivergenceLoss.HIDDEN, model.forward(traced, tokens).normed());
      return trace.finish();
    }
  }
}
