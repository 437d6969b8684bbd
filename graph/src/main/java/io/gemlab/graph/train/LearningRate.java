package io.gemlab.graph.train;

import io.gemlab.graph.base.input.InvalidInput;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A learning rate over steps: linear warm-up to the peak, then as {@link Decay} has it down to a
 * fraction of it.
 *
 * <p>In a warm-up of N steps the first has a rate of peak / N and the Nth the peak. {@code
 * transformers} counts from 0, so that its first step has a rate of 0 and moves nothing; after the
 * warm-up both agree.
 *
 * @param peak the largest rate
 * @param warmupSteps steps until it is reached; 0 to start there
 * @param totalSteps steps until the floor is reached; 0 to stay at the peak
 * @param floor the last rate, as a fraction of the peak, in [0, 1]
 * @param decay how it gets there
 */
public record LearningRate(
    double peak, int warmupSteps, int totalSteps, double floor, Decay decay) {
  public LearningRate {
    if (!(peak >= 0) || Double.isInfinite(peak)) {
      throw new InvalidInput("learning_rate is " + peak + "; give a finite number, 0 or above");
    }
    if (warmupSteps < 0 || totalSteps < 0 || (totalSteps > 0 && warmupSteps > totalSteps)) {
      throw new InvalidInput(
          "warmup_steps is "
              + warmupSteps
              + " of "
              + totalSteps
              + " steps; give from 0 to all of them");
    }
    if (!(floor >= 0 && floor <= 1)) {
      throw new InvalidInput(
          "the learning rate's floor is " + floor + " of its peak; give a fraction from 0 to 1");
    }
  }

  /** Falls by half a cosine. */
  public LearningRate(double peak, int warmupSteps, int totalSteps, double floor) {
    this(peak, warmupSteps, totalSteps, floor, new Decay.Cosine());
  }

  /** The same rate at every step. */
  public static LearningRate constant(double rate) {
    return new LearningRate(rate, 0, 0, 1);
  }

  /**
   * The rate of a step.
   *
   * @param step steps done before this one, a float32 scalar
   * @return a float32 scalar
   */
  Operand<TFloat32> at(Ops tf, Operand<TFloat32> step) {
    Operand<TFloat32> rate = tf.constant((float) peak);
    if (totalSteps > 0) {
      int after = totalSteps - warmupSteps;
      rate =
          switch (decay) {
            case Decay.None() -> rate;
            case Decay.Cosine() -> tf.math.mul(rate, cosine(tf, share(tf, step, 0, after)));
            case Decay.Linear() -> tf.math.mul(rate, line(tf, share(tf, step, 0, after)));
            case Decay.WarmupStableDecay(double stable, double decaying) -> {
              int held = (int) Math.round(stable * after);
              int falling = Math.min((int) Math.round(decaying * after), after - held);
              yield tf.math.mul(rate, line(tf, share(tf, step, held, falling)));
            }
          };
    }
    if (warmupSteps > 0) {
      Operand<TFloat32> done = tf.math.add(step, tf.constant(1f));
      Operand<TFloat32> share = tf.math.mul(done, tf.constant(1f / warmupSteps));
      rate = tf.math.mul(rate, tf.math.minimum(share, tf.constant(1f)));
    }
    return rate;
  }

  /**
   * How much of the fall is done, from 0 to 1.
   *
   * @param held steps after the warm-up that it begins after
   * @param falling steps that it takes
   */
  private Operand<TFloat32> share(Ops tf, Operand<TFloat32> step, int held, int falling) {
    Operand<TFloat32> since = tf.math.sub(step, tf.constant((float) (warmupSteps + held)));
    Operand<TFloat32> share = tf.math.mul(since, tf.constant(1f / Math.max(1, falling)));
    return tf.math.minimum(tf.math.maximum(share, tf.constant(0f)), tf.constant(1f));
  }

  private Operand<TFloat32> cosine(Ops tf, Operand<TFloat32> share) {
    Operand<TFloat32> cos = tf.math.cos(tf.math.mul(share, tf.constant((float) Math.PI)));
    Operand<TFloat32> falling =
        tf.math.mul(tf.math.add(cos, tf.constant(1f)), tf.constant((float) ((1 - floor) / 2)));
    return tf.math.add(falling, tf.constant((float) floor));
  }

  private Operand<TFloat32> line(Ops tf, Operand<TFloat32> share) {
    return tf.math.sub(tf.constant(1f), tf.math.mul(share, tf.constant((float) (1 - floor))));
  }
}
