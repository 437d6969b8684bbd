package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.FLOATS;

import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The op of a root-mean-square norm over the last axis, and the op of its gradient. Precision:
 * float32 inside; sums are of lanes and always in the same order.
 */
final class RmsNormOp {
  private static final String TYPE = Kernels.PREFIX + "RmsNorm";
  private static final String GRADIENT = TYPE + "Gradient";
  private static final String TYPES = "T: {float, bfloat16}";

  /** Fewest elements that a thread takes at once: some microseconds. */
  private static final int LEAST = 1 << 13;

  /** Rows whose gradients of the gain are summed before those of others are added. */
  private static final int GROUP = 32;

  static {
    new KernelOp(
            TYPE,
            TYPES,
            List.of("x: T", "gain: float", "epsilon: float"),
            List.of("y: T", "inverse: float"),
            KernelOp.OutputShape.OF_FIRST,
            RmsNormOp::value)
        .register();
    new KernelOp(
            GRADIENT,
            TYPES,
            List.of("x: T", "gain: float", "inverse: float", "d_y: T"),
            List.of("d_x: T", "d_gain: float"),
            KernelOp.OutputShape.OF_FIRST_TWO,
            RmsNormOp::gradient)
        .register();
  }

  private RmsNormOp() {}

  /** The op's name in graphs. */
  static String type() {
    return TYPE;
  }

  /** That of its gradient. */
  static String gradientType() {
    return GRADIENT;
  }

  /** What both ops read: rows of [D], and what each column is multiplied by. */
  private record Normed(KernelCall.Input input, Floats x, Floats gain, int width, int rows) {
    static Normed of(KernelCall call, String op) throws Throwable {
      KernelCall.Input x = call.input(0);
      KernelCall.Input gain = call.input(1, 1);
      int last = x.shape().length - 1;
      if (last < 0 || x.shape()[last] != gain.shape()[0]) {
        throw KernelCall.unfit(op, "x is %s and the gain %s", x, gain);
      }
      int width = gain.dimension(0);
      long rows = width == 0 ? 0 : x.floats().count() / width;
      return new Normed(x, x.floats(), gain.floats(), width, Math.toIntExact(rows));
    }
  }

  private static void value(KernelCall call) throws Throwable {
    Normed normed = Normed.of(call, TYPE);
    float epsilon = call.input(2, 1).floats(0, 1)[0];
    KernelCall.Input x = normed.input();
    Floats y = new Floats(call.output(x.type(), x.shape()), normed.x().wide());
    long[] ofRows = x.shape().clone();
    ofRows[ofRows.length - 1] = 1;
    Floats inverses = new Floats(call.outputAt(1, KernelCall.DT_FLOAT, ofRows), true);
    int width = normed.width();
    Workers.SHARED.share(
        normed.rows(),
        Workers.rows(LEAST, width),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            long at = (long) row * width;
            float meanSquare = squares(normed.x(), at, width) / width;
            float inverse = (float) (1 / Math.sqrt(meanSquare + epsilon));
            inverses.set(row, inverse);
            scale(normed, y, at, inverse);
          }
        });
  }

  private static float squares(Floats x, long at, int width) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      FloatVector lanes = x.load(at + i);
      sum = lanes.fma(lanes, sum);
    }
    float all = Lanes.sum(sum);
    for (; i < width; i++) {
      float one = x.get(at + i);
      all = Math.fma(one, one, all);
    }
    return all;
  }

  private static void scale(Normed normed, Floats y, long at, float inverse) {
    Floats gain = normed.gain();
    int width = normed.width();
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      FloatVector n = normed.x().load(at + i).mul(inverse);
      y.store(n.mul(gain.load(i)), at + i);
    }
    for (; i < width; i++) y.set(at + i, normed.x().get(at + i) * inverse * gain.get(i));
  }

  private static void gradient(KernelCall call) throws Throwable {
    Normed normed = Normed.of(call, GRADIENT);
    KernelCall.Input x = normed.input();
    KernelCall.Input inverse = call.input(2);
    KernelCall.Input dY = call.input(3);
    if (inverse.floats().count() != normed.rows() || !Arrays.equals(x.shape(), dY.shape())) {
      throw KernelCall.unfit(
          GRADIENT, "x is %s, a number a row %s and the gradient %s", x, inverse, dY);
    }
    Floats dX = new Floats(call.outputAt(0, x.type(), x.shape()), normed.x().wide());
    int width = normed.width();
    Floats dGain = new Floats(call.outputAt(1, KernelCall.DT_FLOAT, width), true);
    float[][] ofGroups = new float[Math.ceilDiv(normed.rows(), GROUP)][width];
    Workers.SHARED.share(
        ofGroups.length,
        1,
        (from, to) -> {
          for (int group = from; group < to; group++) {
            int end = Math.min(normed.rows(), (group + 1) * GROUP);
            for (int row = group * GROUP; row < end; row++) {
              long at = (long) row * width;
              float inverseOfRow = inverse.floats().get(row);
              float mean = along(normed, dY.floats(), at) * inverseOfRow / width;
              gradient(normed, dY.floats(), dX, at, new Row(inverseOfRow, mean), ofGroups[group]);
            }
          }
        });
    float[] sum = new float[width];
    for (float[] group : ofGroups) {
      for (int i = 0; i < width; i++) sum[i] += group[i];
    }
    for (int i = 0; i < width; i++) dGain.set(i, sum[i]);
  }

  /** The sum of {@code dy gain x} over a row. */
  private static float along(Normed normed, Floats dY, long at) {
    Floats gain = normed.gain();
    int width = normed.width();
    FloatVector sum = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      FloatVector g = dY.load(at + i).mul(gain.load(i));
      sum = g.fma(normed.x().load(at + i), sum);
    }
    float all = Lanes.sum(sum);
    for (; i < width; i++) {
      all = Math.fma(dY.get(at + i) * gain.get(i), normed.x().get(at + i), all);
    }
    return all;
  }

  /**
   * @param inverse of the root mean square
   * @param mean of {@code dy gain n}
   */
  private record Row(float inverse, float mean) {}

  private static void gradient(
      Normed normed, Floats dY, Floats dX, long at, Row row, float[] dGain) {
    Floats gain = normed.gain();
    int width = normed.width();
    int i = 0;
    for (; i + COUNT <= width; i += COUNT) {
      FloatVector n = normed.x().load(at + i).mul(row.inverse());
      FloatVector dy = dY.load(at + i);
      FloatVector g = dy.mul(gain.load(i));
      dX.store(g.sub(n.mul(row.mean())).mul(row.inverse()), at + i);
      FloatVector.fromArray(FLOATS, dGain, i).add(dy.mul(n)).intoArray(dGain, i);
    }
    for (; i < width; i++) {
      float n = normed.x().get(at + i) * row.inverse();
      float dy = dY.get(at + i);
      dX.set(at + i, (dy * gain.get(i) - n * row.mean()) * row.inverse());
      dGain[i] += dy * n;
    }
  }
}
