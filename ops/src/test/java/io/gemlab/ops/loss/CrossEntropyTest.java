package io.gemlab.ops.loss;

import static io.gemlab.ops.Precision.BFLOAT16;
import static io.gemlab.ops.Precision.FLOAT16;
import static io.gemlab.ops.Precision.FLOAT32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.ops.Padding;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.oracle.LossOracle;
import io.gemlab.ops.oracle.OpCheck;
import io.gemlab.ops.oracle.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

class CrossEntropyTest {
  private static final int[] LABELS = {3, 0, Padding.LABEL, 12, 3, -1};
  private static final int VOCABULARY = 13;

  /** Below and above the cap under which no maximum is subtracted, and without any. */
  static Stream<Softcap> caps() {
    return Stream.of(Softcap.none(), Softcap.of(5), Softcap.of(30), Softcap.of(70));
  }

  @ParameterizedTest
  @MethodSource("caps")
  void agreesWithTheOracle(Softcap cap) {
    OpCheck check = check(cap, logits(6), LABELS);
    check.agrees(FLOAT32, 8, 40);
    // Float32 inside: the loss is as good as before, the gradient is rounded once.
    check.agrees(BFLOAT16, 1e-3, 1);
    check.agrees(FLOAT16, 5e-3, 1);
  }

  @ParameterizedTest
  @MethodSource("caps")
  void ofSmoothedLabelsAgreesWithTheOracle(Softcap cap) {
    for (double smoothing : new double[] {0.1, 0.75}) {
      OpCheck check =
          new OpCheck(
              (tf, in) ->
                  CrossEntropy.apply(tf, in.getFirst(), tf.constant(LABELS), cap, smoothing),
              in -> LossOracle.crossEntropy(in.getFirst(), LABELS, cap.cap(), smoothing),
              List.of(logits(6)));
      check.agrees(FLOAT32, 8, 40);
      check.agrees(BFLOAT16, 1e-3, 1);
    }
  }

  /** Where exp overflows unless it is held down. */
  @Test
  void extremeLogitsAreFinite() {
    check(Softcap.none(), logits(5e3), LABELS).agrees(FLOAT32, 8, 24);
  }

  /** All at the cap, where the cap's slope is what is left of 1 - 1. */
  @ParameterizedTest
  @MethodSource("caps")
  void extremeLogitsEndAtTheCap(Softcap cap) {
    check(cap, logits(5e3), LABELS).agrees(FLOAT32, 8, 0.05 / 0x1p-24);
  }

  @Test
  void nothingIsScoredWhereAllIsIgnored() {
    check(Softcap.none(), logits(3), new int[] {-1, -100, -100, -1, -7, -100})
        .agrees(FLOAT32, 0, 0);
  }

  /**
   * No one-hot op, and forward no matrix over the vocabulary that the labels have a part in.
   * Backward the labels are compared inside the sweep over the logits: one comparison, all else
   * element by element, so that XLA makes one loop of it. (A session, which fuses nothing, holds
   * the comparison while it subtracts.)
   */
  @Test
  void noOneHotIsMade() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> logits =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(6, VOCABULARY)));
      Operand<TInt32> labels = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(6)));
      Operand<TFloat32> dy = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(6)));
      Operand<TFloat32> loss = CrossEntropy.apply(tf, logits, labels, Softcap.of(30));
      assertEquals(List.of(), matricesFrom(graph, labels));

      tf.gradients(List.of(loss), List.of(logits), Gradients.dx(List.of(dy)));
      assertEquals(List.of("Equal", "Cast", "Sub", "Mul", "Mul"), matricesFrom(graph, labels));
      assertTrue(operations(graph).noneMatch(op -> op.type().contains("OneHot")));
    }
  }

  /** Types of the ops that give a matrix over the vocabulary in which the labels have a part. */
  private static List<String> matricesFrom(Graph graph, Operand<TInt32> labels) {
    return operations(graph)
        .filter(op -> !op.type().equals("IdentityN")) // hands on what it got
        .filter(op -> outputs(op).anyMatch(out -> out.shape().equals(Shape.of(6, VOCABULARY))))
        .filter(op -> outputs(op).anyMatch(out -> comesFrom(out, labels.asOutput())))
        .map(GraphOperation::type)
        .toList();
  }

  private static boolean comesFrom(Output<?> output, Output<?> source) {
    if (output.equals(source)) return true;
    GraphOperation op = (GraphOperation) output.op();
    if (op.type().equals("IdentityN")) return comesFrom(op.input(output.index()), source);
    return Stream.iterate(0, i -> i + 1)
        .limit(op.numInputs())
        .anyMatch(i -> comesFrom(op.input(i), source));
  }

  private static Stream<Output<?>> outputs(GraphOperation op) {
    return Stream.iterate(0, i -> i + 1).limit(op.numOutputs()).map(op::output);
  }

  private static Stream<GraphOperation> operations(Graph graph) {
    List<GraphOperation> all = new ArrayList<>();
    graph.operations().forEachRemaining(all::add);
    return all.stream();
  }

  private static Sample logits(double spread) {
    return Sample.gaussian(new SplittableRandom(1), spread, 6, VOCABULARY);
  }

  private static OpCheck check(Softcap cap, Sample logits, int[] labels) {
    return new OpCheck(
        (tf, in) -> CrossEntropy.apply(tf, in.getFirst(), tf.constant(labels), cap),
        in -> LossOracle.crossEntropy(in.getFirst(), labels, cap.cap()),
        List.of(logits));
  }
}
