package io.gemlab.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

class RowReductionTest {
  private static final int ROWS = 3;

  /** Rows that are one matrix, several, and none. */
  static Stream<Arguments> reductions() {
    return Stream.of(RowReduction.values())
        .flatMap(
            reduction ->
                IntStream.of(1, 64, 128, 130, 640)
                    .mapToObj(length -> Arguments.of(reduction, length)));
  }

  @ParameterizedTest
  @MethodSource("reductions")
  void reduceRows(RowReduction reduction, int length) {
    SplittableRandom random = new SplittableRandom(length);
    float[][] x_MV = new float[ROWS][length];
    for (float[] row : x_MV) {
      for (int v = 0; v < length; v++) row[v] = random.nextInt(40) - 60; // equals among them
    }
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x = tf.constant(x_MV);
      Operand<TFloat32> largest = reduction.max(tf, x);
      Operand<TInt32> absent =
          reduction.firstPlace(tf, x, tf.constant(new float[][] {{7}, {7}, {7}}));
      try (Result results =
          session
              .runner()
              .fetch(largest)
              .fetch(reduction.firstPlace(tf, x, largest))
              .fetch(reduction.sum(tf, x))
              .fetch(absent)
              .run()) {
        for (int m = 0; m < ROWS; m++) {
          int first = first(x_MV[m]);
          double sum = 0;
          for (float value : x_MV[m]) sum += value;
          assertEquals(x_MV[m][first], ((TFloat32) results.get(0)).getFloat(m, 0));
          assertEquals(first, ((TInt32) results.get(1)).getInt(m, 0));
          assertEquals(sum, ((TFloat32) results.get(2)).getFloat(m, 0), 1e-6 * Math.abs(sum));
          assertEquals(length, ((TInt32) results.get(3)).getInt(m, 0));
        }
      }
    }
  }

  private static int first(float[] row) {
    int first = 0;
    for (int v = 1; v < row.length; v++) if (row[v] > row[first]) first = v;
    return first;
  }
}
