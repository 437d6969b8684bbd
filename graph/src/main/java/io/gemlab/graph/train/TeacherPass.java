package io.gemlab.graph.train;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.gemma2.ModelTrace;
import io.gemlab.graph.gemma2.StackedTensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.OrderingBarrier;
import io.gemlab.ops.loss.Temperature;
import io.gemlab.ops.loss.TopKProbabilities;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * The K likeliest next tokens of every position by a teacher, and the mass of all others: {@code
 * (weights; tokens, positions) -> } {@link TopKLoss#IDS}, {@link TopKLoss#LOG_PROBABILITIES} and
 * {@link TopKLoss#REST}. The scores over the vocabulary exist for a piece of each row at a time.
 *
 * @param model the teacher; weights are kept in the type it computes in
 * @param batch its size; packed documents don't see each other
 * @param topK K, from 1 to V
 * @param temperature of capped logits
 * @param pieces into how many each row is cut
 */
public record TeacherPass<T extends TFloating>(
    Gemma2Model<T> model,
    TrainingLoss.BatchShape batch,
    int topK,
    Temperature temperature,
    int pieces) {
  public TeacherPass {
    RowPieces.requirePositive(pieces);
    RowPieces.requireDivides(pieces, batch.sequenceLength());
    if (topK < 1 || topK > model.config().vocabSize()) {
      throw new InvalidInput(
          "top-k is %d, and the teacher's vocabulary has %d tokens; give 1 to %2$d"
              .formatted(topK, model.config().vocabSize()));
    }
  }

  /** Traces it as function {@code name}. */
  public GraphFunction trace(String name) {
    try (Trace trace = new Trace(name)) {
      Ops tf = trace.ops().withSubScope("top_k");
      ModelTrace<T> traced = ModelTrace.of(trace, model);
      Gemma2Model.Hidden<T> hidden =
          model.forward(
              traced, traced.tokens(batch.batchSize(), batch.sequenceLength(), batch.packing()));
      Head<T> head = new Head<>(model, traced, hidden.normed());
      int size = batch.sequenceLength() / pieces;
      TensorShape one = TensorShape.of(pieces, batch.batchSize(), size);
      TensorShape tops = TensorShape.of(pieces, batch.batchSize(), size, topK);
      List<Operand<?>> carried =
          List.of(
              StackedTensors.zeros(tf, TInt32.class, tops),
              StackedTensors.zeros(tf, TFloat32.class, tops),
              StackedTensors.zeros(tf, TFloat32.class, one));
      List<Operand<?>> held = new ArrayList<>();
      held.add(RowPieces.cut(tf, head.normed_BTD(), pieces));
      held.addAll(head.state());
      List<Operand<?>> all =
          trace.loop(
              "top_k_pieces",
              pieces,
              carried,
              held,
              (inside, number, before, same) -> piece(head, inside, number, before, same));
      trace.result(TopKLoss.IDS, joined(tf, all.get(0), TInt32.class));
      trace.result(TopKLoss.LOG_PROBABILITIES, joined(tf, all.get(1), TFloat32.class));
      trace.result(TopKLoss.REST, joined(tf, all.get(2), TFloat32.class));
      return trace.finish();
    }
  }

  private static <X extends TNumber> Operand<X> joined(Ops tf, Operand<?> stacked, Class<X> type) {
    return RowPieces.joined(tf, stacked.asOutput().expect(type));
  }

  private List<Operand<?>> piece(
      Head<T> head,
      Trace inside,
      Operand<TInt32> number,
      List<Operand<?>> before,
      List<Operand<?>> held) {
    Ops tf = inside.ops().withSubScope("top_k");
    Operand<T> slice_BSD =
        StackedTensors.at(tf, held.getFirst().asOutput().expect(model.type()), number);
    Operand<T> hidden_BSD =
        OrderingBarrier.after(tf, slice_BSD, slice_BSD.shape(), before.toArray(Operand<?>[]::new));
    TopKProbabilities top =
        TopKProbabilities.of(
            tf,
            head.rawLogits(inside.ops(), held.subList(1, held.size()), hidden_BSD),
            model.config().finalLogitSoftcapping(),
            temperature,
            topK);
    long[] rows = {batch.batchSize(), batch.sequenceLength() / pieces};
    long[] tops = {rows[0], rows[1], topK};
    return List.of(
        StackedTensors.with(
            tf,
            before.get(0).asOutput().expect(TInt32.class),
            number,
            tf.reshape(top.ids_MK(), tf.constant(tops))),
        StackedTensors.with(
            tf,
            before.get(1).asOutput().expect(TFloat32.class),
            number,
            tf.reshape(top.logP_MK(), tf.constant(tops))),
        StackedTensors.with(
            tf,
            before.get(2).asOutput().expect(TFloat32.class),
            number,
            tf.reshape(top.rest_M(), tf.constant(rows))));
  }
}
