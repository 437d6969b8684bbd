package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.FLOATS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The op of what is asked of all gradients: the sum of squares of each, and whether it is numbers
 * throughout. A thread takes a piece of a tensor at a time; pieces are the same whichever thread
 * takes them, and are put together in their order, so that a sum is the same from call to call.
 *
 * <p>Precision: float32 lanes in a piece, float64 over pieces, rounded once.
 */
final class SquaresOp {
  private static final String TYPE = Kernels.PREFIX + "Squares";

  static {
    new KernelOp(
            TYPE,
            "T: list({float, bfloat16}) >= 1",
            List.of("gradients: T"),
            List.of("squares: float", "finite: bool"),
            KernelOp.OutputShape.UNKNOWN,
            SquaresOp::compute)
        .register();
  }

  private SquaresOp() {}

  /** The op's name in graphs. */
  static String type() {
    return TYPE;
  }

  private static void compute(KernelCall call) throws Throwable {
    List<Floats> gradients = call.floats(0, call.inputs());
    int tensors = gradients.size();
    TensorPieces pieces = TensorPieces.of(gradients);
    double[] ofPieces = new double[pieces.count()];
    boolean[] finitePieces = new boolean[pieces.count()];
    pieces.share(
        (piece, tensor, from, count) -> {
          Floats gradient = gradients.get(tensor);
          float squares = squares(gradient, from, count);
          ofPieces[piece] = squares;
          // What is no number leaves its trace in the sum; so does a square that overflows.
          finitePieces[piece] = Float.isFinite(squares) || finite(gradient, from, count);
        });
    double[] squares = new double[tensors];
    boolean[] finite = new boolean[tensors];
    Arrays.fill(finite, true);
    for (int piece = 0; piece < ofPieces.length; piece++) {
      int tensor = pieces.tensor(piece);
      squares[tensor] += ofPieces[piece];
      finite[tensor] &= finitePieces[piece];
    }
    MemorySegment squaresOut = call.outputAt(0, KernelCall.DT_FLOAT, tensors);
    MemorySegment finiteOut = call.outputAt(1, KernelCall.DT_BOOL, tensors);
    for (int t = 0; t < tensors; t++) {
      squaresOut.setAtIndex(JAVA_FLOAT_UNALIGNED, t, (float) squares[t]);
      finiteOut.set(JAVA_BYTE, t, (byte) (finite[t] ? 1 : 0));
    }
  }

  private static float squares(Floats data, long from, int count) {
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

  private static boolean finite(Floats data, long from, int count) {
    boolean all = true;
    for (int i = 0; i < count; i++) all &= Float.isFinite(data.get(from + i));
    return all;
  }
}
