package io.gemlab.experiments.train;

import io.gemlab.graph.base.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The loss of every step's batch, before the step. */
public final class LossCurve implements TrainingHook, Resumable {
  private static final String LOSSES = "curve/training";

  private final List<Float> losses = new ArrayList<>();

  @Override
  public void onStep(StepResult result) {
    losses.add(result.loss());
  }

  /** One a step, from the run's first. */
  public List<Float> losses() {
    return Collections.unmodifiableList(losses);
  }

  @Override
  public Map<String, HostTensor> saved() {
    float[] values = new float[losses.size()];
    for (int i = 0; i < values.length; i++) values[i] = losses.get(i);
    return Map.of(LOSSES, HostTensor.of(values, values.length));
  }

  @Override
  public void restore(Function<String, HostTensor> saved) {
    losses.clear();
    for (float loss : saved.apply(LOSSES).floats()) losses.add(loss);
  }
}
