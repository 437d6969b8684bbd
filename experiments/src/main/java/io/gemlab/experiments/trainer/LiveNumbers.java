package io.gemlab.experiments.trainer;

import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.train.StepResult;
import io.gemlab.experiments.train.TrainingHook;

/** Shows each step's numbers to whoever watches. */
record LiveNumbers(RunMonitor monitor) implements TrainingHook {
  @Override
  public void onStep(StepResult result) {
    monitor.stands(
        "loss %.4f, rate %.2e, norm %.3f, %,.0f tokens/s"
            .formatted(
                result.loss(),
                result.learningRate(),
                result.gradientNorm(),
                result.tokensPerSecond()));
  }
}
