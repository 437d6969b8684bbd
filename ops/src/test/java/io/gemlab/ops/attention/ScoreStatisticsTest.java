package io.gemlab.ops.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.ops.oracle.Sample;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.EagerSession;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Against every score in float64; rows are longer than what is looked at together. */
class ScoreStatisticsTest {
  private static final double LIMIT = 1.5;

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 300})
  void agreesWithTheOracle(int longest) {
    for (long seed = 0; seed < 12; seed++) check(AttentionCase.random(seed, longest));
  }

  @Test
  void ofPaddingAloneThereIsNothing() {
    int[][] padding = {{-1, -1, -1}};
    AttentionCase any = AttentionCase.random(1, 3);
    check(AttentionCase.self(any.spec(), padding, 1, new java.util.SplittableRandom(1)));
  }

  private static void check(AttentionCase one) {
    AttentionSpec spec = one.spec();
    double[] q = one.inputs().get(0).values();
    double[] k = one.inputs().get(1).values();
    AttentionOracle oracle = new AttentionOracle(spec, one.queries(), one.keys());
    double largest = 0;
    long beyond = 0;
    long seen = 0;
    int length = one.queries()[0].length;
    for (int row = 0; row < one.queries().length; row++) {
      for (int t = 0; t < length; t++) {
        for (int s = 0; s < length; s++) {
          if (!oracle.visible(one.queries()[row][t], one.keys()[row][s])) continue;
          for (int head = 0; head < spec.heads(); head++) {
            double dot = 0;
            for (int h = 0; h < spec.headDim(); h++) {
              int query = ((row * length + t) * spec.heads() + head) * spec.headDim() + h;
              int kvHead = head / spec.groups();
              int key = ((row * length + s) * spec.kvHeads() + kvHead) * spec.headDim() + h;
              dot += q[query] * k[key];
            }
            double magnitude = Math.abs(spec.scale() * dot);
            largest = Math.max(largest, magnitude);
            if (magnitude > LIMIT) beyond++;
            seen++;
          }
        }
      }
    }
    try (EagerSession session = EagerSession.create()) {
      Ops tf = Ops.create(session);
      Operand<TInt32> positions = tf.constant(one.queries());
      AttentionMask mask = AttentionMask.of(positions);
      ScoreStatistics got =
          ScoreStatistics.of(
              tf,
              spec,
              mask,
              operand(tf, one.inputs().get(0)),
              operand(tf, one.inputs().get(1)),
              OptionalDouble.of(LIMIT));
      assertEquals(largest, got.largest().asTensor().getFloat(), 1e-5 * (1 + largest));
      double share = seen == 0 ? 0 : (double) beyond / seen;
      assertEquals(share, got.beyond().asTensor().getFloat(), 1e-5 + 1.0 / Math.max(1, 1e6));
      ScoreStatistics unlimited =
          ScoreStatistics.of(
              tf,
              spec,
              mask,
              operand(tf, one.inputs().get(0)),
              operand(tf, one.inputs().get(1)),
              OptionalDouble.empty());
      assertEquals(0, unlimited.beyond().asTensor().getFloat());
    }
  }

  private static Operand<TFloat32> operand(Ops tf, Sample sample) {
    double[] values = sample.values();
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) floats[i] = (float) values[i];
    return tf.constant(Shape.of(sample.shape()), DataBuffers.of(floats));
  }
}
