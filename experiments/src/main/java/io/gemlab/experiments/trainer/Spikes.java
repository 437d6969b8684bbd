package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.train.StepResult;
import io.gemlab.experiments.train.TrainingHook;
import io.gemlab.graph.train.StepLimits;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Tells of steps whose loss stands out: more than {@value #SIGMAS} standard deviations above the
 * mean of the {@value #WINDOW} steps before.
 */
final class Spikes implements TrainingHook {
  private static final int WINDOW = 128;
  private static final double SIGMAS = 6;

  private final Deque<Double> window = new ArrayDeque<>();
  private final RunEvents events;

  /**
   * @param before what {@code metrics.jsonl} has of the steps done
   * @param events hears of each
   */
  Spikes(List<ObjectNode> before, RunEvents events) {
    before.forEach(line -> add(line.path(Metrics.LOSS).asDouble()));
    this.events = events;
  }

  @Override
  public void onStep(StepResult result) {
    double threshold = threshold();
    if (result.loss() > threshold) {
      events.add(
          result.step(),
          result.applied() ? RunEvents.Kind.SPIKE : RunEvents.Kind.SKIPPED_SPIKE,
          "the loss is %.4f, more than %.0f standard deviations above the %d steps before (%.4f)"
              .formatted(result.loss(), SIGMAS, WINDOW, threshold));
    }
    add(result.loss());
  }

  /** What the next step is not taken above, where a recipe asks for that. */
  StepLimits limits() {
    return new StepLimits((float) threshold(), Float.POSITIVE_INFINITY);
  }

  /** The loss above which the next step is a spike; infinite until the window is full. */
  private double threshold() {
    if (window.size() < WINDOW) return Double.POSITIVE_INFINITY;
    double mean = window.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    double squares = window.stream().mapToDouble(loss -> (loss - mean) * (loss - mean)).sum();
    return mean + SIGMAS * Math.sqrt(squares / (WINDOW - 1));
  }

  private void add(double loss) {
    window.addLast(loss);
    if (window.size() > WINDOW) window.removeFirst();
  }
}
