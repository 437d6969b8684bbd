package io.gemlab.graph.train;

import io.gemlab.graph.base.tensor.HostTensor;
import java.util.Map;

/**
 * Above which a guarded step is not taken.
 *
 * @param loss the largest mean loss
 * @param gradientNorm the largest norm before clipping
 */
public record StepLimits(float loss, float gradientNorm) {
  /** Every step is taken that is finite. */
  public static final StepLimits NONE =
      new StepLimits(Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY);

  /** What a guarded step takes besides. */
  public Map<String, HostTensor> arguments() {
    return Map.of(
        TrainStep.MAX_LOSS, HostTensor.scalar(loss),
        TrainStep.MAX_NORM, HostTensor.scalar(gradientNorm));
  }
}
