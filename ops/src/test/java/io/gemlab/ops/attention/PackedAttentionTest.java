package io.gemlab.ops.attention;

import static io.gemlab.ops.Precision.FLOAT32;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.ops.oracle.Evaluation;
import io.gemlab.ops.oracle.Sample;
import io.gemlab.ops.oracle.TracedOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Documents that share a row, against each of them alone: value and gradients. */
class PackedAttentionTest {
  private static final int[] DOCUMENTS = {7, 1, 12, 4};
  private static final int PADDING = 3;
  private static final int LENGTH = Arrays.stream(DOCUMENTS).sum() + PADDING;

  static Stream<Arguments> combinations() {
    List<Arguments> all = new ArrayList<>();
    for (OptionalInt window :
        List.of(OptionalInt.empty(), OptionalInt.of(1), OptionalInt.of(3), OptionalInt.of(9))) {
      for (Attention attention :
          List.of(
              new EagerAttention(),
              new SdpaAttention(),
              new BlockwiseAttention(OptionalInt.of(2)),
              new BlockwiseAttention(OptionalInt.of(5)),
              BlockwiseAttention.auto())) {
        all.add(Arguments.of(attention, window, Softcap.none()));
      }
      all.add(Arguments.of(new BlockwiseAttention(OptionalInt.of(5)), window, Softcap.of(50)));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void isEachDocumentAlone(Attention attention, OptionalInt window, Softcap cap) {
    AttentionSpec spec = new AttentionSpec(4, 2, 3, 0.6, cap, window);
    List<Sample> inputs = inputs(spec);
    Sample cotangent = heads(new SplittableRandom(8), spec.heads());
    Arrays.fill(cotangent.values(), (LENGTH - PADDING) * 12, LENGTH * 12, 0);
    Evaluation got = packed(attention, spec).evaluate(FLOAT32, inputs, cotangent.values());
    Sample value = new Sample(got.value(), cotangent.shape());
    int start = 0;
    for (int length : DOCUMENTS) {
      int first = start;
      int[][] positions = {IntStream.range(0, length).toArray()};
      List<Sample> parts = inputs.stream().map(input -> part(input, first, length)).toList();
      Evaluation want =
          new AttentionCase(spec, positions, positions, parts)
              .traced(new EagerAttention())
              .evaluate(FLOAT32, parts, part(cotangent, first, length).values());
      List<double[]> gradients =
          IntStream.range(0, inputs.size())
              .mapToObj(i -> new Sample(got.gradients().get(i), inputs.get(i).shape()))
              .map(gradient -> part(gradient, first, length).values())
              .toList();
      new Evaluation(part(value, first, length).values(), gradients)
          .assertAgrees(want, 1e-6, 4e-6, all -> true);
      start += length;
    }
  }

  /** What is asked of the third document comes back to the others as nothing at all. */
  @ParameterizedTest
  @MethodSource("combinations")
  void noGradientCrosses(Attention attention, OptionalInt window, Softcap cap) {
    AttentionSpec spec = new AttentionSpec(4, 2, 3, 0.6, cap, window);
    int first = DOCUMENTS[0] + DOCUMENTS[1];
    int end = first + DOCUMENTS[2];
    double[] cotangent = new double[LENGTH * 12];
    Arrays.fill(cotangent, first * 12, end * 12, 1);
    for (double[] gradient :
        packed(attention, spec).evaluate(FLOAT32, inputs(spec), cotangent).gradients()) {
      int width = gradient.length / LENGTH;
      for (int i = 0; i < gradient.length; i++) {
        if (i / width < first || i / width >= end) assertEquals(0.0, Math.abs(gradient[i]));
      }
    }
  }

  /** The documents in a row, padding behind them. */
  private static TracedOp packed(Attention attention, AttentionSpec spec) {
    int[][] positions = new int[1][LENGTH];
    int[][] documents = new int[1][LENGTH];
    Arrays.fill(positions[0], -1);
    int start = 0;
    for (int d = 0; d < DOCUMENTS.length; d++) {
      for (int t = 0; t < DOCUMENTS[d]; t++) {
        positions[0][start + t] = t;
        documents[0][start + t] = d + 1;
      }
      start += DOCUMENTS[d];
    }
    return (tf, in) ->
        attention.attend(
            tf,
            spec,
            AttentionMask.ofDocuments(tf, tf.constant(positions), tf.constant(documents)),
            in.get(0),
            in.get(1),
            in.get(2));
  }

  private static List<Sample> inputs(AttentionSpec spec) {
    SplittableRandom random = new SplittableRandom(7);
    return List.of(
        heads(random, spec.heads()), heads(random, spec.kvHeads()), heads(random, spec.kvHeads()));
  }

  private static Sample heads(SplittableRandom random, int heads) {
    return Sample.gaussian(random, 1, 1, LENGTH, heads, 3);
  }

  /** Some tokens of [1, T, N, H]. */
  private static Sample part(Sample all, int first, int length) {
    long heads = all.shape()[2];
    int width = (int) heads * 3;
    return new Sample(
        Arrays.copyOfRange(all.values(), first * width, (first + length) * width),
        1,
        length,
        heads,
        3);
  }
}
