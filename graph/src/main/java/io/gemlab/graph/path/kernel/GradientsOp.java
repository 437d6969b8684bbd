package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.FLOATS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The ops of what is asked of all gradients. A thread takes a piece of a tensor at a time; pieces
 * are the same whichever thread takes them, and are put together in their order, so that a sum is
 * the same from call to call.
 */
enum GradientsOp {
  /** The sum of squares of each: float32 lanes in a piece, float64 over pieces, rounded once. */
  SQUARES("Squares", "float") {
    @Override
    double of(Floats data, long from, int count) {
      FloatVector sum0 = FloatVector.zero(FLOATS);
      FloatVector sum1 = sum0;
      int i = 0;
      for (; i + 2 * COUNT <= count; i += 2 * COUNT) {
        FloatVector x0 = data.load(from + i);
        FloatVector x1 = data.load(from + i + COUNT);
        sum0 = x0.fma(x0, sum0);
        sum1 = x1.fma(x1, sum1);
      }
      float sum = Lanes.sum(sum0.add(sum1));
      for (; i < count; i++) {
        float x = data.get(from + i);
        sum = Math.fma(x, x, sum);
      }
      return sum;
    }

    @Override
    void put(KernelCall call, double[] sums) throws Throwable {
      MemorySegment y = call.output(KernelCall.DT_FLOAT, sums.length);
      for (int t = 0; t < sums.length; t++) {
        y.setAtIndex(JAVA_FLOAT_UNALIGNED, t, (float) sums[t]);
      }
    }
  },

  /** Whether each is a number throughout: how many elements are not, compared with 0. */
  FINITE("Finite", "bool") {
    @Override
    double of(Floats data, long from, int count) {
      VectorMask<Float> finite = FLOATS.maskAll(true);
      int i = 0;
      for (; i + COUNT <= count; i += COUNT) {
        finite = finite.and(data.load(from + i).test(VectorOperators.IS_FINITE));
      }
      boolean all = finite.allTrue();
      for (; i < count; i++) all &= Float.isFinite(data.get(from + i));
      return all ? 0 : 1;
    }

    @Override
    void put(KernelCall call, double[] sums) throws Throwable {
      MemorySegment y = call.output(KernelCall.DT_BOOL, sums.length);
      for (int t = 0; t < sums.length; t++) y.set(JAVA_BYTE, t, (byte) (sums[t] == 0 ? 1 : 0));
    }
  };

  static {
    for (GradientsOp op : values()) {
      new KernelOp(
              op.type,
              "T: list({float, bfloat16}) >= 1",
              List.of("gradients: T"),
              List.of("y: " + op.output),
              KernelOp.OutputShape.UNKNOWN,
              op::compute)
          .register();
    }
  }

  private final String type;
  private final String output;

  GradientsOp(String name, String output) {
    this.type = Kernels.PREFIX + "Gradients" + name;
    this.output = output;
  }

  /** The op's name in graphs. */
  String type() {
    return type;
  }

  /** A number of some elements, to be added to those of the tensor's other pieces. */
  abstract double of(Floats data, long from, int count);

  /** Writes the output, from a sum for each tensor. */
  abstract void put(KernelCall call, double[] sums) throws Throwable;

  private void compute(KernelCall call) throws Throwable {
    List<Floats> gradients = call.floats(0, call.inputs());
    TensorPieces pieces = TensorPieces.of(gradients);
    double[] ofPieces = new double[pieces.count()];
    pieces.share(
        (piece, tensor, from, count) -> ofPieces[piece] = of(gradients.get(tensor), from, count));
    double[] sums = new double[gradients.size()];
    for (int piece = 0; piece < ofPieces.length; piece++) {
      sums[pieces.tensor(piece)] += ofPieces[piece];
    }
    put(call, sums);
  }
}
