package io.gemlab.graph.train;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat64;

/** Against torch.optim.AdamW in float64: five steps on 16 numbers, moments included. */
class AdamWTest {
  static final List<ExecutionPath> PATHS = List.of(new EagerPath(), new GraphPath());

  private static final JsonNode UNIT = JsonFile.readObject(golden("adamw_unit.json"));

  private static final TensorShape SHAPE = TensorShape.of(16);

  private static GraphFunction step() {
    AdamW adamW =
        new AdamW(
            UNIT.get("betas").get(0).asDouble(),
            UNIT.get("betas").get(1).asDouble(),
            UNIT.get("eps").asDouble(),
            UNIT.get("weight_decay").asDouble());
    try (Trace trace = new Trace("step")) {
      Operand<TFloat64> done =
          trace.state("done", StateRole.STEP, TFloat64.class, TensorShape.of());
      Operand<TFloat64> rate = trace.ops().constant(UNIT.get("lr").asDouble());
      AdamW.Slot<TFloat64> before =
          new AdamW.Slot<>(
              trace.state("p", StateRole.WEIGHT, TFloat64.class, SHAPE),
              trace.state("exp_avg", StateRole.MOMENT, TFloat64.class, SHAPE),
              trace.state("exp_avg_sq", StateRole.MOMENT, TFloat64.class, SHAPE));
      AdamW.Slot<TFloat64> after =
          adamW.update(
              trace.ops(),
              adamW.step(trace.ops(), rate, done),
              before,
              trace.argument("gradient", TFloat64.class, SHAPE));
      trace.update("p", after.weight());
      trace.update("exp_avg", after.expAvg());
      trace.update("exp_avg_sq", after.expAvgSq());
      trace.update("done", trace.ops().math.add(done, trace.ops().constant(1.0)));
      return trace.finish();
    }
  }

  @ParameterizedTest
  @FieldSource("PATHS")
  void fiveStepsEqualTorchs(ExecutionPath path) {
    try (Executable executable = path.load(List.of(step()))) {
      executable.assign("done", tensor(TensorShape.of(), 0));
      executable.assign("p", tensor(SHAPE, doubles(UNIT.get("p0"))));
      executable.assign("exp_avg", HostTensor.zeros(ElementType.F64, SHAPE));
      executable.assign("exp_avg_sq", HostTensor.zeros(ElementType.F64, SHAPE));
      for (int i = 0; i < UNIT.get("grads").size(); i++) {
        HostTensor gradient = tensor(SHAPE, doubles(UNIT.get("grads").get(i)));
        executable.run("step", Map.of("gradient", gradient)).close();
        assertClose(doubles(UNIT.get("p").get(i)), read(executable, "p"));
      }
      assertClose(doubles(UNIT.get("exp_avg")), read(executable, "exp_avg"));
      assertClose(doubles(UNIT.get("exp_avg_sq")), read(executable, "exp_avg_sq"));
    }
  }

  /** Equal but for the rounding of a few float64 operations. */
  private static void assertClose(double[] expected, double[] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 4e-16 + 4e-15 * Math.abs(expected[i]), "entry " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1,   0.9, 1e-8, 0,   beta1 is 1.0; give a number from 0 to below 1",
    "0.9, -1,  1e-8, 0,   beta2 is -1.0; give a number from 0 to below 1",
    "0.9, NaN, 1e-8, 0,   beta2 is NaN; give a number from 0 to below 1",
    "0.9, 0.9, 0,    0,   'epsilon is 0.0; give a finite number above 0'",
    "0.9, 0.9, 1e-8, -.1, 'weight_decay is -0.1; give a finite number, 0 or above'"
  })
  void refusesNumbersThatMakeNoOptimizer(
      double beta1, double beta2, double epsilon, double weightDecay, String message) {
    assertEquals(
        message,
        assertThrows(InvalidInput.class, () -> new AdamW(beta1, beta2, epsilon, weightDecay))
            .getMessage());
  }

  private static HostTensor tensor(TensorShape shape, double... values) {
    HostTensor tensor = HostTensor.zeros(ElementType.F64, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.data().setAtIndex(ValueLayout.JAVA_DOUBLE, i, values[i]);
    }
    return tensor;
  }

  private static double[] read(Executable executable, String state) {
    try (HostTensor tensor = executable.read(state)) {
      return tensor.data().toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
    }
  }

  private static double[] doubles(JsonNode list) {
    double[] values = new double[list.size()];
    for (int i = 0; i < values.length; i++) values[i] = list.get(i).asDouble();
    return values;
  }
}
