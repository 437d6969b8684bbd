package io.gemlab.experiments.train;

import io.gemlab.graph.base.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What every step gave, and how long they took. */
public final class StepCurves implements TrainingHook, Resumable {
  private static final String LOSSES = "curve/training";
  private static final String NORMS = "curve/gradient_norm";
  private static final String RATES = "curve/learning_rate";
  private static final String SECONDS = "curve/seconds";

  private final List<Float> losses = new ArrayList<>();
  private final List<Float> norms = new ArrayList<>();
  private final List<Float> rates = new ArrayList<>();
  private final List<Float> seconds = new ArrayList<>();

  @Override
  public void onStep(StepResult result) {
    seconds.add((float) result.seconds());
    losses.add(result.loss());
    norms.add(result.gradientNorm());
    rates.add(result.learningRate());
  }

  /** The loss of each step's batch before the step, from the run's first step on. */
  public List<Float> losses() {
    return Collections.unmodifiableList(losses);
  }

  /** The gradients' global norm before clipping, a step each. */
  public List<Float> gradientNorms() {
    return Collections.unmodifiableList(norms);
  }

  /** The learning rate of each step. */
  public List<Float> learningRates() {
    return Collections.unmodifiableList(rates);
  }

  /** How long each step took, from handing over the batch to having the loss. */
  public List<Float> seconds() {
    return Collections.unmodifiableList(seconds);
  }

  @Override
  public Map<String, HostTensor> saved() {
    return Map.of(
        LOSSES, tensor(losses),
        NORMS, tensor(norms),
        RATES, tensor(rates),
        SECONDS, tensor(seconds));
  }

  @Override
  public void restore(Function<String, HostTensor> saved) {
    fill(losses, saved.apply(LOSSES));
    fill(norms, saved.apply(NORMS));
    fill(rates, saved.apply(RATES));
    fill(seconds, saved.apply(SECONDS));
  }

  private static HostTensor tensor(List<Float> curve) {
    float[] values = new float[curve.size()];
    for (int i = 0; i < values.length; i++) values[i] = curve.get(i);
    return HostTensor.of(values, values.length);
  }

  private static void fill(List<Float> curve, HostTensor saved) {
    curve.clear();
    for (float value : saved.floats()) curve.add(value);
  }
}
