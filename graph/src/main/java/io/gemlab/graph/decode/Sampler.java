package io.gemlab.graph.decode;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Chooses tokens in the graph, so that no logits have to leave it.
 *
 * <p>A draw takes the largest of {@code logits / temperature + noise} among the tokens that top-k
 * and top-p leave, with noise of the standard Gumbel distribution: a sample of the softmax. The
 * noise of a row follows from its seed and the token's position alone, so neither the rest of the
 * batch nor the path has a part in it.
 *
 * @see <a href="https://arxiv.org/abs/1611.01144">Gumbel-max, as in section 2</a>
 */
final class Sampler {
  private static final String TEMPERATURE = "temperature";
  private static final String TOP_K = "top_k";
  private static final String TOP_P = "top_p";
  private static final String SEED = "seed";

  private final Trace trace;
  private final int rows;

  /**
   * @param rows B
   */
  Sampler(Trace trace, int rows) {
    this.trace = trace;
    this.rows = rows;
  }

  /** The arguments of a function that draws all rows of a batch alike. */
  static Map<String, HostTensor> arguments(Sampling sampling, int rows, int vocabulary) {
    List<Sampling> each = new ArrayList<>();
    for (int row = 0; row < rows; row++) each.add(sampling.withSeed(sampling.seed() + row));
    return arguments(each, vocabulary);
  }

  /** The arguments of a function that draws each row in its own way. */
  static Map<String, HostTensor> arguments(List<Sampling> samplings, int vocabulary) {
    int rows = samplings.size();
    float[] temperature = new float[rows];
    int[] topK = new int[rows];
    float[] topP = new float[rows];
    int[] seed = new int[rows];
    for (int row = 0; row < rows; row++) {
      Sampling sampling = samplings.get(row);
      temperature[row] = (float) sampling.temperature();
      topK[row] = sampling.topK() == 0 ? vocabulary : Math.min(sampling.topK(), vocabulary);
      topP[row] = (float) sampling.topP();
      // The bits are made of two words of 32 bits, this and the position; XLA reads a word below 0
      // otherwise than the session does.
      seed[row] = new SplittableRandom(sampling.seed()).nextInt(Integer.MAX_VALUE);
    }
    return Map.of(
        TEMPERATURE, HostTensor.of(temperature, rows),
        TOP_K, HostTensor.of(topK, rows),
        TOP_P, HostTensor.of(topP, rows),
        SEED, HostTensor.of(seed, rows));
  }

  /** The likeliest token of each row, [B]. */
  static Operand<TInt32> likeliest(Ops tf, Operand<TFloat32> logits_BV) {
    return tf.math.argMax(logits_BV, tf.constant(1), TInt32.class);
  }

  /**
   * A token of each row, drawn as the arguments say, which this declares; the likeliest where the
   * temperature is 0.
   *
   * @param position_B where the last token given stands
   * @return [B]
   */
  Operand<TInt32> draw(Operand<TFloat32> logits_BV, Operand<TInt32> position_B) {
    Ops tf = trace.ops().withSubScope("sampler");
    TensorShape shape = TensorShape.of(rows);
    Operand<TFloat32> temperature_B = trace.argument(TEMPERATURE, TFloat32.class, shape);
    Operand<TInt32> topK_B = trace.argument(TOP_K, TInt32.class, shape);
    Operand<TFloat32> topP_B = trace.argument(TOP_P, TFloat32.class, shape);
    Operand<TInt32> seed_B = trace.argument(SEED, TInt32.class, shape);
    Operand<TBool> drawn_B = tf.math.greater(temperature_B, tf.constant(0f));
    Operand<TFloat32> divisor_B = tf.select(drawn_B, temperature_B, tf.constant(1f));
    Operand<TFloat32> scaled_BV = tf.math.div(logits_BV, column(tf, divisor_B));
    Operand<TBool> kept_BV =
        new Truncation(tf, scaled_BV)
            .kept(column(tf, tf.dtypes.cast(topK_B, TFloat32.class)), column(tf, topP_B));
    int vocabulary = Math.toIntExact(logits_BV.shape().get(1));
    Operand<TFloat32> noisy_BV = tf.math.add(scaled_BV, gumbel(tf, seed_B, position_B, vocabulary));
    Operand<TInt32> ids_B =
        likeliest(tf, tf.select(kept_BV, noisy_BV, tf.constant(Float.NEGATIVE_INFINITY)));
    return tf.select(drawn_B, ids_B, likeliest(tf, logits_BV));
  }

  /**
   * Standard Gumbel noise, [B, V]. Made from random bits, which are the same on every path; TF's
   * uniform floats are not: XLA makes them of other bits than the session does.
   */
  private Operand<TFloat32> gumbel(
      Ops tf, Operand<TInt32> seed_B, Operand<TInt32> position_B, int vocabulary) {
    Operand<TInt32> seeds_B2 = tf.stack(List.of(seed_B, position_B), Stack.axis(1L));
    List<Operand<TInt32>> bits = new ArrayList<>();
    for (int b = 0; b < rows; b++) {
      Operand<TInt32> seed = tf.gather(seeds_B2, tf.constant(b), tf.constant(0));
      bits.add(
          tf.random.statelessRandomUniformFullInt(
              tf.constant(new int[] {vocabulary}), seed, TInt32.class));
    }
    // 23 bits and a half: every value is exact in float32 and none is 0 or 1.
    Operand<TInt32> low_BV = tf.bitwise.bitwiseAnd(tf.stack(bits), tf.constant((1 << 23) - 1));
    Operand<TFloat32> uniform_BV =
        tf.math.mul(
            tf.math.add(tf.dtypes.cast(low_BV, TFloat32.class), tf.constant(0.5f)),
            tf.constant(0x1p-23f));
    return tf.math.neg(tf.math.log(tf.math.neg(tf.math.log(uniform_BV))));
  }

  private static Operand<TFloat32> column(Ops tf, Operand<TFloat32> x_B) {
    return tf.expandDims(x_B, tf.constant(1));
  }
}
