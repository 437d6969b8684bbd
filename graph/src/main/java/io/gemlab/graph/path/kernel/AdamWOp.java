package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.get;
import static io.gemlab.graph.path.kernel.Lanes.load;
import static io.gemlab.graph.path.kernel.Lanes.set;
import static io.gemlab.graph.path.kernel.Lanes.store;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The op of an optimizer's step: one pass over weights, moments and gradients, in the state's own
 * memory. Precision: float32 throughout; gradients may be bfloat16. A copy is its weight in
 * bfloat16, ties to even; one in float32 is the weight itself, and says that there is no copy.
 */
final class AdamWOp {
  private static final String TYPE = Kernels.PREFIX + "AdamW";

  /** What is kept of each tensor: the weight and two moments. */
  static final int STATES = 3;

  /** Besides these, gradients and copies; and what all tensors share. */
  private static final int TENSORS = STATES + 2;

  private static final int SHARED = 3;

  static {
    new KernelOp(
            TYPE,
            List.of(
                "N: int >= 1",
                "T: list({float, bfloat16}) >= 1",
                "C: list({float, bfloat16}) >= 1"),
            List.of(
                "weights: N * float",
                "exp_avgs: N * float",
                "exp_avg_sqs: N * float",
                "gradients: T",
                "numbers: float",
                "weight_decay: float",
                "applied: bool",
                "copies: C"),
            List.of(
                "next_weights: N * float",
                "next_exp_avgs: N * float",
                "next_exp_avg_sqs: N * float",
                "next_copies: C"),
            KernelOp.OutputShape.UNKNOWN,
            AdamWOp::update)
        .register();
  }

  private AdamWOp() {}

  /** The op's name in graphs. */
  static String type() {
    return TYPE;
  }

  /** The numbers that all elements share, in the order of the op's input. */
  private record Step(
      float learningRate,
      float correction1,
      float correction2,
      float gradientScale,
      float beta1,
      float rest1,
      float beta2,
      float rest2,
      float epsilon) {
    private static final int NUMBERS = 9;

    static Step of(KernelCall.Input input) {
      float[] x = input.floats(0, NUMBERS);
      return new Step(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8]);
    }
  }

  /** A tensor's elements. */
  private record Slot(
      MemorySegment weight, MemorySegment expAvg, MemorySegment expAvgSq, Floats gradient) {}

  private static void update(KernelCall call) throws Throwable {
    int n = (call.inputs() - SHARED) / TENSORS;
    List<Floats> weights = call.floats(0, n);
    List<Floats> expAvgs = call.floats(n, n);
    List<Floats> expAvgSqs = call.floats(2 * n, n);
    List<Floats> gradients = call.floats(3 * n, n);
    int shared = (STATES + 1) * n;
    List<Floats> copies = call.floats(shared + SHARED, n);
    Step step = Step.of(call.input(shared, 1));
    float[] decay = call.input(shared + 1, 1).floats(0, n);
    if (call.input(shared + 2, 0).data().get(JAVA_BYTE, 0) != 0) {
      TensorPieces.of(weights)
          .share(
              (piece, t, from, count) -> {
                Slot slot =
                    new Slot(
                        weights.get(t).data(),
                        expAvgs.get(t).data(),
                        expAvgSqs.get(t).data(),
                        gradients.get(t));
                update(step, decay[t], slot, from, count);
                if (!copies.get(t).wide()) copy(slot.weight(), copies.get(t), from, count);
              });
    }
    for (int i = 0; i < STATES * n; i++) call.passOn(i, i);
    for (int i = 0; i < n; i++) call.passOn(shared + SHARED + i, STATES * n + i);
  }

  private static void update(Step step, float decay, Slot slot, long from, int count) {
    float perCorrection1 = 1 / step.correction1();
    float perCorrection2 = 1 / step.correction2();
    int i = 0;
    for (; i + COUNT <= count; i += COUNT) {
      FloatVector gradient = slot.gradient().load(from + i).mul(step.gradientScale());
      FloatVector expAvg =
          load(slot.expAvg(), from + i).mul(step.beta1()).add(gradient.mul(step.rest1()));
      FloatVector expAvgSq =
          load(slot.expAvgSq(), from + i)
              .mul(step.beta2())
              .add(gradient.mul(gradient).mul(step.rest2()));
      FloatVector weight = load(slot.weight(), from + i);
      FloatVector root = expAvgSq.mul(perCorrection2).sqrt().add(step.epsilon());
      FloatVector direction = expAvg.mul(perCorrection1).div(root).add(weight.mul(decay));
      store(expAvg, slot.expAvg(), from + i);
      store(expAvgSq, slot.expAvgSq(), from + i);
      store(weight.sub(direction.mul(step.learningRate())), slot.weight(), from + i);
    }
    for (; i < count; i++) {
      float gradient = slot.gradient().get(from + i) * step.gradientScale();
      float expAvg = get(slot.expAvg(), from + i) * step.beta1() + gradient * step.rest1();
      float expAvgSq =
          get(slot.expAvgSq(), from + i) * step.beta2() + gradient * gradient * step.rest2();
      float weight = get(slot.weight(), from + i);
      float root = (float) Math.sqrt(expAvgSq * perCorrection2) + step.epsilon();
      float direction = expAvg * perCorrection1 / root + weight * decay;
      set(slot.expAvg(), from + i, expAvg);
      set(slot.expAvgSq(), from + i, expAvgSq);
      set(slot.weight(), from + i, weight - direction * step.learningRate());
    }
  }

  /** Writes weights in bfloat16 while the cache has them. */
  private static void copy(MemorySegment weight, Floats copy, long from, int count) {
    int i = 0;
    for (; i + COUNT <= count; i += COUNT) copy.store(load(weight, from + i), from + i);
    for (; i < count; i++) copy.set(from + i, get(weight, from + i));
  }
}
