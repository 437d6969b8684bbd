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
    SplittableRandom random = new SplittableRandom(7);
    List<Sample> inputs = List.of(heads(random, spec.heads()), heads(random, 2), heads(random, 2));
    double[] cotangent = heads(random, spec.heads()).values();
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
    Arrays.fill(cotangent, start * 12, cotangent.length, 0);
    TracedOp packed =
        (tf, in) ->
            attention.attend(
                tf,
                spec,
                AttentionMask.ofDocuments(tf, tf.constant(positions), tf.constant(documents)),
                in.get(0),
                in.get(1),
                in.get(2));
    Evaluation got = packed.evaluate(FLOAT32, inputs, cotangent);
    start = 0;
    for (int length : DOCUMENTS) {
      int first = start;
      int[][] alone = {IntStream.range(0, length).toArray()};
      TracedOp one =
          (tf, in) ->
              new EagerAttention()
                  .attend(
                      tf,
                      spec,
                      AttentionMask.of(tf.constant(alone)),
                      in.get(0),
                      in.get(1),
                      in.get(2));
      Evaluation want =
          one.evaluate(
              FLOAT32,
              inputs.stream().map(input -> part(input, first, length)).toList(),
              part(new Sample(cotangent, 1, LENGTH, 4, 3), first, length).values());
      Evaluation seen =
          new Evaluation(
              part(new Sample(got.value(), 1, LENGTH, 4, 3), first, length).values(),
              IntStream.range(0, 3)
                  .mapToObj(
                      i ->
                          part(
                                  new Sample(got.gradients().get(i), inputs.get(i).shape()),
                                  first,
                                  length)
                              .values())
                  .toList());
      seen.assertAgrees(want, 1e-6, 4e-6, all -> true);
      start += length;
    }
  }

  /** What is asked of the first document comes back to the others as nothing at all. */
  @ParameterizedTest
  @MethodSource("combinations")
  void noGradientCrosses(Attention attention, OptionalInt window, Softcap cap) {
    AttentionSpec spec = new AttentionSpec(4, 2, 3, 0.6, cap, window);
    SplittableRandom random = new SplittableRandom(8);
    List<Sample> inputs = List.of(heads(random, spec.heads()), heads(random, 2), heads(random, 2));
    int[][] positions = {IntStream.range(0, LENGTH).map(t -> t % 10).toArray()};
    int[][] documents = {IntStream.range(0, LENGTH).map(t -> 1 + t / 10).toArray()};
    double[] cotangent = new double[LENGTH * 12];
    Arrays.fill(cotangent, 10 * 12, 20 * 12, 1);
    TracedOp packed =
        (tf, in) ->
            attention.attend(
                tf,
                spec,
                AttentionMask.ofDocuments(tf, tf.constant(positions), tf.constant(documents)),
                in.get(0),
                in.get(1),
                in.get(2));
    for (double[] gradient : packed.evaluate(FLOAT32, inputs, cotangent).gradients()) {
      int width = gradient.length / LENGTH;
      for (int i = 0; i < gradient.length; i++) {
        if (i / width / 10 != 1) assertEquals(0.0, Math.abs(gradient[i]));
      }
    }
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
