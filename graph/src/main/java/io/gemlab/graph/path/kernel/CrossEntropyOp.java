package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.FLOATS;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The ops of a cross-entropy: what a row of logits is measured against, {@code log(sum(exp(z)))}
 * with {@code z = cap(logits)}, and the logits' gradient. A block of a row at a time stays in the
 * first cache between its loops, which the JVM compiles one by one (jvm-options).
 *
 * <p>Precision: float32 inside, the gradient rounded once; sums are of lanes and always in the same
 * order.
 */
final class CrossEntropyOp {
  private static final String TYPE = Kernels.PREFIX + "LogSumExp";
  private static final String GRADIENT = Kernels.PREFIX + "CrossEntropyGradient";
  private static final String TYPES = "T: {float, bfloat16}";

  /** Logits at a time. */
  private static final int BLOCK = 1 << 11;

  /** Under this cap exponentials of what is less than the cap need no running maximum. */
  private static final float BOUNDED = 40;

  static {
    new KernelOp(
            TYPE,
            TYPES,
            List.of("logits: T", "cap: float"),
            List.of("log_sum_exp: float"),
            KernelOp.OutputShape.UNKNOWN,
            CrossEntropyOp::logSumExp)
        .register();
    new KernelOp(
            GRADIENT,
            TYPES,
            List.of(
                "logits: T",
                "labels: int32",
                "log_sum_exp: float",
                "d_loss: float",
                "numbers: float"),
            List.of("d_logits: T"),
            KernelOp.OutputShape.OF_FIRST,
            CrossEntropyOp::gradient)
        .register();
  }

  private CrossEntropyOp() {}

  /** The name in graphs of the op of what logits are measured against. */
  static String type() {
    return TYPE;
  }

  /** That of the op of the logits' gradient. */
  static String gradientType() {
    return GRADIENT;
  }

  private static void logSumExp(KernelCall call) throws Throwable {
    KernelCall.Input logits = call.input(0, 2);
    float cap = call.input(1, 1).floats(0, 1)[0];
    int rows = logits.dimension(0);
    int vocabulary = logits.dimension(1);
    Floats y = new Floats(call.output(KernelCall.DT_FLOAT, rows, 1), true);
    Floats x = logits.floats();
    Workers.SHARED.share(
        rows,
        1,
        (from, to) -> {
          float[] z = new float[BLOCK];
          for (int row = from; row < to; row++) {
            long start = (long) row * vocabulary;
            float shift = cap <= BOUNDED ? cap : largest(x, start, vocabulary, z, cap);
            double sum = 0;
            for (int done = 0; done < vocabulary; done += BLOCK) {
              int count = Math.min(BLOCK, vocabulary - done);
              capped(x, start + done, count, cap, z);
              sum += exponentials(z, count, shift);
            }
            y.set(row, (float) Math.log(sum) + shift);
          }
        });
  }

  private static float largest(Floats x, long start, int vocabulary, float[] z, float cap) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int done = 0; done < vocabulary; done += BLOCK) {
      int count = Math.min(BLOCK, vocabulary - done);
      capped(x, start + done, count, cap, z);
      largest = Math.max(largest, largest(z, count));
    }
    return largest;
  }

  private static float largest(float[] z, int count) {
    FloatVector lanes = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      lanes = Lanes.larger(lanes, FloatVector.fromArray(FLOATS, z, i));
    }
    float largest = Lanes.max(lanes);
    for (; i < count; i++) largest = Math.max(largest, z[i]);
    return largest;
  }

  /**
   * What a gradient is made of.
   *
   * @param cap infinite for none
   * @param ofLabel what its label has more than another token
   * @param ofAll what every token has
   */
  private record Numbers(float cap, float ofLabel, float ofAll) {}

  private static void gradient(KernelCall call) throws Throwable {
    KernelCall.Input logits = call.input(0, 2);
    KernelCall.Input labels = call.input(1, 1);
    KernelCall.Input logSumExp = call.input(2, 2);
    KernelCall.Input dLoss = call.input(3, 1);
    float[] given = call.input(4, 1).floats(0, 3);
    Numbers numbers = new Numbers(given[0], given[1], given[2]);
    int rows = logits.dimension(0);
    int vocabulary = logits.dimension(1);
    if (labels.shape()[0] != rows
        || dLoss.shape()[0] != rows
        || !Arrays.equals(logSumExp.shape(), new long[] {rows, 1})) {
      throw KernelCall.unfit(
          GRADIENT,
          "logits are %s, labels %s, sums %s and the loss's gradient %s",
          logits,
          labels,
          logSumExp,
          dLoss);
    }
    Floats x = logits.floats();
    Floats y = new Floats(call.output(logits.type(), logits.shape()), x.wide());
    Workers.SHARED.share(
        rows,
        1,
        (from, to) -> {
          float[] z = new float[BLOCK];
          float[] exponentials = new float[BLOCK];
          for (int row = from; row < to; row++) {
            long start = (long) row * vocabulary;
            int label = labels.data().getAtIndex(JAVA_INT_UNALIGNED, row);
            if (label < 0) {
              y.zero(start, vocabulary);
              continue;
            }
            float shift = logSumExp.floats().get(row);
            float factor = dLoss.floats().get(row);
            for (int done = 0; done < vocabulary; done += BLOCK) {
              int count = Math.min(BLOCK, vocabulary - done);
              capped(x, start + done, count, numbers.cap(), z);
              System.arraycopy(z, 0, exponentials, 0, count);
              exponentials(exponentials, count, shift);
              if (label >= done && label < done + count) {
                exponentials[label - done] -= numbers.ofLabel();
              }
              put(y, start + done, count, z, exponentials, numbers, factor);
            }
          }
        });
  }

  /** {@code z = cap(x)}. */
  private static void capped(Floats x, long from, int count, float cap, float[] z) {
    boolean caps = cap < Float.POSITIVE_INFINITY;
    float perCap = caps ? 1 / cap : 1;
    int i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      FloatVector lanes = x.load(from + i).mul(perCap);
      if (caps) lanes = VectorMath.tanh(lanes).mul(cap);
      lanes.intoArray(z, i);
    }
    for (; i < count; i++) {
      float one = x.get(from + i) * perCap;
      z[i] = caps ? (float) Math.tanh(one) * cap : one;
    }
  }

  /** Puts {@code exp(z - shift)} in the place of z, and gives their sum. */
  private static float exponentials(float[] z, int count, float shift) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      FloatVector e = VectorMath.exp(FloatVector.fromArray(FLOATS, z, i).sub(shift));
      e.intoArray(z, i);
      sum = sum.add(e);
    }
    float all = Lanes.sum(sum);
    for (; i < count; i++) {
      z[i] = (float) Math.exp(z[i] - shift);
      all += z[i];
    }
    return all;
  }

  /** {@code (p - label) dLoss cap'}. */
  private static void put(
      Floats y, long from, int count, float[] z, float[] p, Numbers numbers, float factor) {
    boolean caps = numbers.cap() < Float.POSITIVE_INFINITY;
    float perCap = 1 / numbers.cap();
    int i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      FloatVector d = FloatVector.fromArray(FLOATS, p, i).sub(numbers.ofAll()).mul(factor);
      if (caps) {
        FloatVector t = FloatVector.fromArray(FLOATS, z, i).mul(perCap);
        d = d.mul(t.mul(t).neg().add(1));
      }
      y.store(d, from + i);
    }
    for (; i < count; i++) {
      float t = caps ? z[i] * perCap : 0;
      y.set(from + i, (p[i] - numbers.ofAll()) * factor * (1 - t * t));
    }
  }
}
