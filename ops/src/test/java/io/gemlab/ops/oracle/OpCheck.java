package io.gemlab.ops.oracle;

import io.gemlab.ops.Precision;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;

/**
 * Ops against their float64 oracle: the value, and the gradient of every input for a random
 * cotangent.
 *
 * @param ops implementations of the same op
 * @param oracle the same in float64
 * @param inputs what all get, rounded to the precision tested first
 * @param counts which elements of the value mean something; the others only have to be finite
 */
public record OpCheck(List<TracedOp> ops, Oracle oracle, List<Sample> inputs, IntPredicate counts) {

  public OpCheck(TracedOp op, Oracle oracle, List<Sample> inputs) {
    this(List.of(op), oracle, inputs, all -> true);
  }

  /**
   * Fails where an op and the oracle differ by more than {@code roundings} of the precision, of the
   * tensor's largest.
   */
  public void agrees(Precision precision, double roundings) {
    agrees(precision, roundings, roundings);
  }

  /** The same, with another allowance for the gradients. */
  public void agrees(Precision precision, double roundings, double gradientRoundings) {
    List<Sample> rounded = inputs.stream().map(input -> input.in(precision)).toList();
    List<double[]> values = rounded.stream().map(Sample::values).toList();
    double[] cotangent = cotangent(precision, oracle.value(values).length);
    Evaluation want = oracle.evaluate(rounded, cotangent);
    for (TracedOp op : ops) {
      op.evaluate(precision, rounded, cotangent)
          .assertAgrees(
              want,
              roundings * unitRoundoff(precision),
              gradientRoundings * unitRoundoff(precision),
              counts);
    }
  }

  /** A random cotangent, 0 where the value means nothing. */
  private double[] cotangent(Precision precision, int size) {
    double[] cotangent =
        Sample.gaussian(new SplittableRandom(size), 1, size).in(precision).values();
    for (int i = 0; i < size; i++) if (!counts.test(i)) cotangent[i] = 0;
    return cotangent;
  }

  /** The largest relative error of rounding once: half of 2^-7 in bfloat16. */
  private static double unitRoundoff(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> 0x1p-24;
      case FLOAT16 -> 0x1p-11;
      case BFLOAT16 -> 0x1p-8;
    };
  }
}
