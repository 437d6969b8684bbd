package io.gemlab.graph.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.trace.Trace;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.types.TFloat32;

class LearningRateTest {

  @Test
  void warmsUpInALineThenFallsByHalfACosine() {
    LearningRate rate = new LearningRate(3e-4, 10, 110, 0.1);
    assertRates(
        rate,
        120,
        step -> {
          if (step < 10) return 3e-4 * (step + 1) / 10;
          double share = Math.min(1, (step - 10) / 100.0);
          return 3e-4 * (0.1 + 0.9 * 0.5 * (1 + Math.cos(Math.PI * share)));
        });
  }

  @Test
  void fallsInALine() {
    assertRates(
        new LearningRate(3e-4, 10, 110, 0.1, new Decay.Linear()),
        120,
        step -> {
          if (step < 10) return 3e-4 * (step + 1) / 10;
          return 3e-4 * (1 - 0.9 * Math.min(1, (step - 10) / 100.0));
        });
  }

  @Test
  void staysAfterTheWarmUp() {
    assertRates(
        new LearningRate(3e-4, 10, 110, 0.1, new Decay.None()),
        120,
        step -> 3e-4 * Math.min(1, (step + 1) / 10.0));
  }

  /** 50 of the 100 steps after the warm-up stay, 30 fall, and 20 are at the floor. */
  @Test
  void staysThenFalls() {
    assertRates(
        new LearningRate(3e-4, 10, 110, 0.1, new Decay.WarmupStableDecay(0.5, 0.3)),
        120,
        step -> {
          if (step < 10) return 3e-4 * (step + 1) / 10;
          return 3e-4 * (1 - 0.9 * Math.min(1, Math.max(0, step - 60) / 30.0));
        });
    assertRates(new LearningRate(1, 0, 10, 0, new Decay.WarmupStableDecay(1, 0)), 10, step -> 1);
  }

  /**
   * The lambdas of {@code transformers.optimization}: get_cosine_schedule_with_warmup,
   * get_linear_schedule_with_warmup, get_constant_schedule_with_warmup and get_wsd_schedule (linear
   * decay, min_lr_ratio 0.1). Their warm-up begins at 0, ours a step later.
   */
  @Test
  void areThoseOfTransformersAfterTheWarmUp() {
    int warmup = 8;
    int total = 48;
    Map<Decay, IntToDoubleFunction> lambdas =
        Map.of(
            new Decay.Cosine(),
            step -> 0.5 * (1 + Math.cos(Math.PI * (step - warmup) / (double) (total - warmup))),
            new Decay.Linear(),
            step -> (total - step) / (double) (total - warmup),
            new Decay.None(),
            step -> 1,
            new Decay.WarmupStableDecay(0.5, 0.5),
            step -> step < warmup + 20 ? 1 : 0.9 * (1 - (step - warmup - 20) / 20.0) + 0.1);
    lambdas.forEach(
        (decay, after) -> {
          double floor = decay instanceof Decay.WarmupStableDecay ? 0.1 : 0;
          IntToDoubleFunction rate =
              rates(new LearningRate(2e-3, warmup, total, floor, decay), total);
          for (int step = 0; step < warmup; step++) {
            double theirs = (step + 1) / (double) warmup; // of step + 1
            assertEquals(2e-3 * theirs, rate.applyAsDouble(step), 2e-9, decay + " " + step);
          }
          for (int step = warmup; step < total; step++) {
            assertEquals(
                2e-3 * after.applyAsDouble(step),
                rate.applyAsDouble(step),
                2e-9,
                decay + " " + step);
          }
        });
  }

  @Test
  void sharesOfMoreThanThereIsAreRefused() {
    assertEquals(
        "of the steps after the warm-up a share of 0.8 is stable and one of 0.3 decays; give shares of 0 or above that sum to at most 1",
        assertThrows(InvalidInput.class, () -> new Decay.WarmupStableDecay(0.8, 0.3)).getMessage());
  }

  @Test
  void knownPoints() {
    IntToDoubleFunction rate = rates(new LearningRate(1, 4, 104, 0.2), 110);
    assertEquals(0.25, rate.applyAsDouble(0), 1e-7); // the first step is not lost to a rate of 0
    assertEquals(1, rate.applyAsDouble(3), 1e-7);
    assertEquals(1, rate.applyAsDouble(4), 1e-7);
    assertEquals(0.6, rate.applyAsDouble(54), 1e-6);
    assertEquals(0.2, rate.applyAsDouble(104), 1e-6);
    assertEquals(0.2, rate.applyAsDouble(109), 1e-6);
  }

  @Test
  void withoutAnEndItStaysAtThePeak() {
    assertRates(LearningRate.constant(0.01), 5, step -> 0.01);
    assertRates(new LearningRate(0.01, 2, 0, 1), 5, step -> step == 0 ? 0.005 : 0.01);
  }

  @Test
  void warmingUpToTheEndIsAllowed() {
    assertRates(new LearningRate(1, 4, 4, 0), 4, step -> (step + 1) / 4.0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-1  | 0 | 0 | 1  | learning_rate is -1.0; give a finite number, 0 or above",
        "NaN | 0 | 0 | 1  | learning_rate is NaN; give a finite number, 0 or above",
        "1   | 5 | 4 | 1  | warmup_steps is 5 of 4 steps; give from 0 to all of them",
        "1   | 0 | 4 | 1.5| the learning rate's floor is 1.5 of its peak; give a fraction from 0 to 1"
      })
  void refusesWhatIsNoSchedule(double peak, int warmup, int total, double floor, String message) {
    assertEquals(
        message,
        assertThrows(InvalidInput.class, () -> new LearningRate(peak, warmup, total, floor))
            .getMessage());
  }

  private static void assertRates(LearningRate rate, int steps, IntToDoubleFunction expected) {
    IntToDoubleFunction actual = rates(rate, steps);
    for (int step = 0; step < steps; step++) {
      double want = expected.applyAsDouble(step);
      assertEquals(want, actual.applyAsDouble(step), 1e-6 * rate.peak(), "step " + step);
    }
  }

  private static IntToDoubleFunction rates(LearningRate rate, int steps) {
    double[] rates = new double[steps];
    try (Trace trace = new Trace("rate")) {
      trace.result(
          "rate", rate.at(trace.ops(), trace.argument("step", TFloat32.class, TensorShape.of())));
      try (Executable executable = new EagerPath().load(List.of(trace.finish()))) {
        for (int step = 0; step < steps; step++) {
          try (Results results = executable.run("rate", Map.of("step", HostTensor.scalar(step)))) {
            rates[step] = results.get("rate").item();
          }
        }
      }
    }
    return step -> rates[step];
  }
}
