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
