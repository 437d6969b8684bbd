package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The op of a rotary embedding, forth and back: each half of a head against the other. Precision:
 * float32, rounded once.
 */
final class RotationOp {
  private static final String TYPE = Kernels.PREFIX + "Rotation";

  /** Fewest elements that a thread takes at once: some microseconds. */
  private static final int LEAST = 1 << 13;

  static {
    new KernelOp(
            TYPE,
            "T: {float, bfloat16}",
            List.of("x: T", "cos: float", "sin: float", "direction: float"),
            KernelOp.ONE_OUTPUT,
            KernelOp.OutputShape.OF_FIRST,
            RotationOp::rotate)
        .register();
  }

  private RotationOp() {}

  /** The op's name in graphs. */
  static String type() {
    return TYPE;
  }

  /**
   * What heads of one token are turned by.
   *
   * @param cos of all tokens
   * @param at where the token's begin
   * @param half how many there are
   */
  private record Angles(MemorySegment cos, MemorySegment sin, float direction, long at, int half) {}

  private static void rotate(KernelCall call) throws Throwable {
    KernelCall.Input x = call.input(0, 4);
    KernelCall.Input cos = call.input(1, 4);
    KernelCall.Input sin = call.input(2, 4);
    float direction = call.input(3, 1).floats(0, 1)[0];
    int heads = x.dimension(2);
    int half = x.dimension(3) / 2;
    long[] expected = {x.shape()[0], x.shape()[1], 1, half};
    if (!Arrays.equals(cos.shape(), expected) || !Arrays.equals(sin.shape(), expected)) {
      throw KernelCall.unfit(TYPE, "x is %s, cosines %s and sines %s", x, cos, sin);
    }
    Floats from = x.floats();
    Floats to = new Floats(call.output(x.type(), x.shape()), from.wide());
    int ofToken = heads * 2 * half;
    Workers.SHARED.share(
        x.dimension(0) * x.dimension(1),
        Workers.rows(LEAST, ofToken),
        (first, end) -> {
          for (int token = first; token < end; token++) {
            Angles angles =
                new Angles(cos.data(), sin.data(), direction, (long) token * half, half);
            for (int head = 0; head < heads; head++) {
              turn(from, to, (long) token * ofToken + (long) head * 2 * half, angles);
            }
          }
        });
  }

  private static void turn(Floats from, Floats to, long at, Angles angles) {
    int half = angles.half();
    int i = 0;
    for (; i + COUNT <= half; i += COUNT) {
      FloatVector a = from.load(at + i);
      FloatVector b = from.load(at + half + i);
      FloatVector cos = Lanes.load(angles.cos(), angles.at() + i);
      FloatVector sin = Lanes.load(angles.sin(), angles.at() + i).mul(angles.direction());
      to.store(a.mul(cos).sub(b.mul(sin)), at + i);
      to.store(b.mul(cos).add(a.mul(sin)), at + half + i);
    }
    for (; i < half; i++) {
      float a = from.get(at + i);
      float b = from.get(at + half + i);
      float cos = Lanes.get(angles.cos(), angles.at() + i);
      float sin = Lanes.get(angles.sin(), angles.at() + i) * angles.direction();
      to.set(at + i, a * cos - b * sin);
      to.set(at + half + i, b * cos + a * sin);
    }
  }
}
