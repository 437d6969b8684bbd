package io.gemlab.ops.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.op.core.IdentityN;
import org.tensorflow.types.TFloat32;

/** With gradients that are wrong on purpose: whose gradient came out is then plain to see. */
@Timeout(60) // a backward function that waits for the graph's lock would wait for ever
class CustomGradientTest {
  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);
  private final Operand<TFloat32> x = tf.constant(3f);

  @AfterEach
  void close() {
    graph.close();
  }

  @Test
  void theValueIsAsItWasBuiltAndTheGradientAsWritten() {
    Operand<TFloat32> y = times(tf, tf.math.square(x), x, 7);
    assertArrayEquals(new float[] {9, 7}, run(y, gradient(y, x)));
  }

  @Test
  void twoPlacesInOneGraphHaveGradientsOfTheirOwn() {
    Operand<TFloat32> first = times(tf, tf.math.square(x), x, 7);
    Operand<TFloat32> second = times(tf.withSubScope("layer_1"), tf.math.neg(x), x, 100);
    Operand<TFloat32> sum = tf.math.add(first, second);
    assertArrayEquals(
        new float[] {6, 107, 7, 100},
        run(sum, gradient(sum, x), gradient(first, x), gradient(second, x)));
  }

  @Test
  void gradientsChain() {
    Operand<TFloat32> inner = times(tf, tf.math.square(x), x, 7);
    Operand<TFloat32> outer = times(tf, tf.math.neg(inner), inner, 10);
    assertArrayEquals(new float[] {-9, 70}, run(outer, gradient(outer, x)));
  }

  @Test
  void theBackwardPassGetsItsInputsAndWhatWasSaved() {
    Operand<TFloat32> other = tf.constant(5f);
    Operand<TFloat32> saved = tf.math.mul(x, tf.constant(2f));
    Operand<TFloat32> y =
        CustomGradient.attach(
            tf,
            tf.math.mul(x, other),
            new CustomGradient.Inputs(List.of(x, other), List.of(saved)),
            (back, dy, inputs) ->
                List.of(
                    back.math.add(scalar(inputs.get(0)), scalar(inputs.get(1))),
                    back.math.mul(scalar(dy), scalar(inputs.get(2)))));
    Operand<TFloat32> scaled = tf.math.mul(y, tf.constant(4f));
    assertArrayEquals(
        new float[] {60, 3 + 5, 4 * 6}, run(scaled, gradient(scaled, x), gradient(scaled, other)));
  }

  /** The gradient of x is 7, and nothing comes by way of what was saved. */
  @Test
  void noGradientFlowsToWhatWasSaved() {
    Operand<TFloat32> y =
        CustomGradient.attach(
            tf,
            tf.math.square(x),
            new CustomGradient.Inputs(List.of(x), List.of(tf.math.square(x))),
            (back, dy, inputs) -> List.of(back.constant(7f)));
    assertArrayEquals(new float[] {7}, run(gradient(y, x)));
  }

  @Test
  void somebodyElsesIdentityNHasItsUsualGradient() {
    times(tf, x, x, 7);
    IdentityN both = tf.identityN(List.of(x, tf.math.square(x)));
    Operand<TFloat32> square = scalar(both.output().get(1));
    assertArrayEquals(new float[] {6}, run(gradient(square, x)));
  }

  /** What is computed again must not start, or be merged with the forward pass, before dy. */
  @Test
  void backwardInputsWaitForDy() {
    Operand<TFloat32> dy = tf.withName("dy").constant(1f);
    List<Operand<?>> seen = new ArrayList<>();
    Operand<TFloat32> y =
        CustomGradient.attach(
            tf,
            tf.math.square(x),
            new CustomGradient.Inputs(List.of(x), List.of(x)),
            (back, upstream, inputs) -> {
              seen.addAll(inputs);
              return List.of(upstream);
            });
    tf.gradients(List.of(y), List.of(x), Gradients.dx(List.of(dy)));
    assertEquals(2, seen.size());
    for (Operand<?> input : seen) {
      GraphOperation op = graph.operationOrThrow(input.asOutput().op().name());
      assertEquals(List.of("dy"), op.controlInputs().stream().map(GraphOperation::name).toList());
    }
  }

  @Test
  void aFailureInTheBackwardPassSurfaces() {
    RuntimeException cause = new IllegalStateException("on purpose");
    Operand<TFloat32> y =
        attach(
            (back, dy, inputs) -> {
              throw cause;
            });
    assertSame(cause, assertThrows(IllegalStateException.class, () -> gradient(y, x)));
    assertTheGraphStillWorks();
  }

  @Test
  void anOpThatCannotBeBuiltInTheBackwardPassSurfaces() {
    Operand<TFloat32> vector = tf.math.mul(x, tf.constant(new float[] {1, 2}));
    Operand<TFloat32> bad =
        CustomGradient.attach(
            tf,
            vector,
            new CustomGradient.Inputs(List.of(x), List.of()),
            (back, dy, inputs) -> List.of(back.math.add(scalar(dy), vectorOf3(back))));
    assertThrows(TFInvalidArgumentException.class, () -> gradient(bad, x));
    assertTheGraphStillWorks();
  }

  @Test
  void aGradientTooFewOrTooManyIsRefused() {
    Operand<TFloat32> none = attach((back, dy, inputs) -> List.of());
    Operand<TFloat32> two = attach((back, dy, inputs) -> List.of(dy, dy));
    Exception few = assertThrows(IllegalStateException.class, () -> gradient(none, x));
    Exception many = assertThrows(IllegalStateException.class, () -> gradient(two, x));
    assertTrue(few.getMessage().endsWith(" has 1 inputs to differentiate and 0 gradients"));
    assertTrue(many.getMessage().endsWith(" has 1 inputs to differentiate and 2 gradients"));
  }

  @Test
  void aReleasedGradientIsRefusedAndNotTakenForZero() {
    Operand<TFloat32> y = times(tf, tf.math.square(x), x, 7);
    CustomGradient.release(y.asOutput().op().name());
    Exception refusal = assertThrows(IllegalStateException.class, () -> gradient(y, x));
    assertEquals(
        y.asOutput().op().name()
            + " was released; take a graph's gradients before its trace is finished",
        refusal.getMessage());
  }

  @Test
  void anInputOfUnknownRankIsRefused() {
    Operand<TFloat32> unknown = tf.placeholder(TFloat32.class);
    Exception refusal =
        assertThrows(IllegalArgumentException.class, () -> times(tf, unknown, unknown, 7));
    assertEquals(
        "a gradient of its own needs inputs of known rank; give input 0 a shape",
        refusal.getMessage());
  }

  @Test
  void markersAreKnownByTypeAndName() {
    Operand<TFloat32> y = times(tf.withSubScope("layer_1"), tf.math.square(x), x, 7);
    String name = y.asOutput().op().name();
    assertTrue(CustomGradient.isMarker("IdentityN", name), name);
    assertFalse(CustomGradient.isMarker("Identity", name), name);
    assertFalse(CustomGradient.isMarker("IdentityN", "layer_1/IdentityN"));
  }

  private Operand<TFloat32> attach(CustomGradient.Backward backward) {
    return CustomGradient.attach(
        tf, tf.math.square(x), new CustomGradient.Inputs(List.of(x), List.of()), backward);
  }

  /** {@code y}, and the gradient {@code factor * dy} with respect to {@code x}. */
  private static Operand<TFloat32> times(
      Ops tf, Operand<TFloat32> y, Operand<TFloat32> x, float factor) {
    return CustomGradient.attach(
        tf,
        y,
        new CustomGradient.Inputs(List.of(x), List.of()),
        (back, dy, inputs) -> List.of(back.math.mul(scalar(dy), back.constant(factor))));
  }

  private static Operand<TFloat32> scalar(Operand<?> operand) {
    return operand.asOutput().expect(TFloat32.class);
  }

  private static Operand<TFloat32> vectorOf3(Ops tf) {
    return tf.constant(new float[] {1, 2, 3});
  }

  private void assertTheGraphStillWorks() {
    Operand<TFloat32> square = tf.math.square(x);
    assertArrayEquals(new float[] {9, 6}, run(square, gradient(square, x)));
  }

  private Operand<TFloat32> gradient(Operand<TFloat32> y, Operand<TFloat32> with) {
    return tf.gradients(y, List.of(with)).dy(0);
  }

  @SafeVarargs
  private float[] run(Operand<TFloat32>... fetches) {
    try (Session session = new Session(graph)) {
      Session.Runner runner = session.runner();
      for (Operand<TFloat32> fetch : fetches) runner.fetch(fetch);
      try (Result result = runner.run()) {
        float[] values = new float[fetches.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = ((TFloat32) result.get(i)).getFloat();
        }
        return values;
      }
    }
  }
}
