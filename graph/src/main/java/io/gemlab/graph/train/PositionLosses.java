package io.gemlab.graph.train;

import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.gemma2.ModelTrace;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import org.tensorflow.types.family.TFloating;

/**
 * The cross-entropy of the next token at each position, which {@link NextTokenLoss} is the mean of.
 * Takes the same arguments and the weights that a training step holds.
 *
 * @param model that is trained, its weights stored in float32
 * @param batch its size
 */
public record PositionLosses<T extends TFloating>(
    Gemma2Model<T> model, TrainingLoss.BatchShape batch) {
  /** The result: float32 [M], row by row, in nats; 0 where a position is not scored. */
  public static final String LOSSES = "losses";

  /** Traces it as function {@code name}. */
  public GraphFunction trace(String name) {
    try (Trace trace = new Trace(name)) {
      ModelTrace<T> traced = ModelTrace.of(trace, model, Parameters.trained(model));
      int rows = batch.batchSize();
      int length = batch.sequenceLength();
      Gemma2Model.Hidden<T> hidden = model.forward(traced, traced.tokens(rows, length));
      Head<T> head = new Head<>(model, traced, hidden.normed());
      trace.result(
          LOSSES,
          ScoreLoss.ofAll(trace, trace.ops(), head, NextTokenLoss.Scores.of(trace, batch, head, 0))
              .loss_M());
      return trace.finish();
    }
  }
}
