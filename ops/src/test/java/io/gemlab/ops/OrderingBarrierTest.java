package io.gemlab.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.ops.oracle.OpCheck;
import io.gemlab.ops.oracle.Sample;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

class OrderingBarrierTest {

  @Test
  void waitsForAllThatCameBefore() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> first = tf.withName("first").constant(1f);
      Operand<TFloat32> second = tf.withName("second").constant(2f);
      Operand<TFloat32> after =
          OrderingBarrier.after(tf, tf.constant(3f), Shape.scalar(), first, second);
      GraphOperation op = graph.operationOrThrow(after.asOutput().op().name());
      assertEquals(OrderingBarrier.OP, op.type());
      assertEquals(Set.of("first", "second"), names(op.controlInputs()));
    }
  }

  /** Something before it fails in the session; were it not waited for, the value would come. */
  @Test
  void aSessionWaitsTooWhatEverItOptimizes() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> unfed = tf.placeholder(TFloat32.class);
      Operand<TFloat32> x = tf.constant(3f);
      Operand<TFloat32> ordered = OrderingBarrier.after(tf, x, Shape.scalar(), unfed);
      Operand<TFloat32> fetched = tf.math.add(ordered, x);
      assertThrows(TFInvalidArgumentException.class, () -> session.runner().fetch(fetched).run());
    }
  }

  @ParameterizedTest
  @EnumSource
  void handsOnValueAndGradient(Precision precision) {
    new OpCheck(
            (tf, in) ->
                OrderingBarrier.after(
                    tf, tf.math.neg(in.get(0)), Shape.of(-1, 4), tf.constant(0f), in.get(0)),
            in -> Arrays.stream(in.get(0)).map(x -> -x).toArray(),
            List.of(Sample.gaussian(new SplittableRandom(1), 1, 3, 4)))
        .agrees(precision, 0.01);
  }

  @Test
  void refusesAnUnknownRank() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Exception refusal =
          assertThrows(
              IllegalArgumentException.class,
              () -> OrderingBarrier.after(tf, tf.constant(1f), Shape.unknown(), tf.constant(2f)));
      assertEquals(
          "an ordering needs to know the rank of what it holds back; give its shape",
          refusal.getMessage());
    }
  }

  private static Set<String> names(Set<GraphOperation> ops) {
    return ops.stream().map(GraphOperation::name).collect(Collectors.toSet());
  }
}
