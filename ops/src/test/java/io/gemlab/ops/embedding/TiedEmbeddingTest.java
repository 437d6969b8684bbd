package io.gemlab.ops.embedding;

import static io.gemlab.ops.Precision.BFLOAT16;
import static io.gemlab.ops.Precision.FLOAT16;
import static io.gemlab.ops.Precision.FLOAT32;

import io.gemlab.ops.Precision;
import io.gemlab.ops.matrix.DenseMatrix;
import io.gemlab.ops.oracle.OpCheck;
import io.gemlab.ops.oracle.Sample;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

class TiedEmbeddingTest {
  /** Some tokens twice, so that their gradients add up, and some never. */
  private static final int[][] IDS = {{4, 0, 4}, {1, 6, 0}};

  private static final int D = 5;

  /** sqrt(4608), 27B's: 68 in bfloat16, 67.882 in float32. */
  private static final double SCALE = Math.sqrt(4608);

  private final SplittableRandom random = new SplittableRandom(1);
  private final Sample table = Sample.gaussian(random, 1, 7, D);

  @ParameterizedTest
  @EnumSource
  void lookupScalesByTheRoundedScale(Precision precision) {
    double scale = Sample.round(precision, SCALE);
    new OpCheck(
            (tf, in) -> embedding(in.getFirst()).lookup(tf, tf.constant(IDS), SCALE),
            in -> lookup(in.getFirst(), scale),
            List.of(table))
        .agrees(precision, 1, 2);
  }

  @Test
  void logitsAreProductsWithEveryRow() {
    OpCheck check =
        new OpCheck(
            (tf, in) -> embedding(in.get(1)).logits(tf, in.get(0)),
            in -> logits(in.get(0), in.get(1)),
            List.of(Sample.gaussian(random, 1, 6, D), table));
    check.agrees(FLOAT32, 8);
    check.agrees(BFLOAT16, 2);
    check.agrees(FLOAT16, 2);
  }

  /** One table, two uses: its gradient is the sum of both. */
  @Test
  void theGradientIsOfBothUses() {
    new OpCheck(
            (tf, in) -> both(tf, in.getFirst()),
            in -> logits(lookup(in.getFirst(), SCALE), in.getFirst()),
            List.of(table))
        .agrees(FLOAT32, 8);
  }

  private static Operand<TFloating> both(Ops tf, Operand<TFloating> table) {
    TiedEmbedding<TFloating> embedding = embedding(table);
    Operand<TFloating> x = embedding.lookup(tf, tf.constant(IDS), SCALE);
    return embedding.logits(tf, tf.reshape(x, tf.constant(new int[] {-1, D})));
  }

  private static TiedEmbedding<TFloating> embedding(Operand<TFloating> table) {
    return new TiedEmbedding<>(new DenseMatrix(table), table.type());
  }

  private static double[] lookup(double[] table, double scale) {
    double[] rows = new double[IDS.length * IDS[0].length * D];
    for (int i = 0; i < rows.length; i++) {
      int token = i / D;
      rows[i] = scale * table[IDS[token / IDS[0].length][token % IDS[0].length] * D + i % D];
    }
    return rows;
  }

  private static double[] logits(double[] x, double[] table) {
    int tokens = table.length / D;
    double[] logits = new double[x.length / D * tokens];
    for (int i = 0; i < logits.length; i++) {
      for (int d = 0; d < D; d++) {
        logits[i] += x[i / tokens * D + d] * table[i % tokens * D + d];
      }
    }
    return logits;
  }
}
