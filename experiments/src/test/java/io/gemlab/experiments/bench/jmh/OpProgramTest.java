package io.gemlab.experiments.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.Precision;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OpProgramTest {
  private static final OpSizes SIZES = new OpSizes(SmallModel.config(), 2, 12);

  /** What is timed on two paths is the same, and is something. */
  @ParameterizedTest
  @EnumSource(BenchmarkedOp.class)
  void pathsAgree(BenchmarkedOp op) {
    for (OpProgram.Pass pass : OpProgram.Pass.values()) {
      OpProgram program = new OpProgram(op, pass, Precision.FLOAT32, SIZES);
      Map<String, float[]> eager = run(program, new EagerPath());
      Map<String, float[]> graph = run(program, new GraphPath());
      assertFalse(eager.isEmpty());
      assertEquals(eager.keySet(), graph.keySet());
      for (String result : eager.keySet()) {
        double largest = 0;
        for (int i = 0; i < eager.get(result).length; i++) {
          double expected = eager.get(result)[i];
          largest = Math.max(largest, Math.abs(expected));
          assertEquals(
              expected, graph.get(result)[i], 1e-4 * Math.max(1, Math.abs(expected)), result);
        }
        assertTrue(largest > 1e-3, op + " " + pass + " " + result + " is zero");
      }
    }
  }

  /** Three operands have three gradients; two outputs have each their own upstream. */
  @ParameterizedTest
  @EnumSource(BenchmarkedOp.class)
  void everyFloatingInputHasAGradient(BenchmarkedOp op) {
    OpProgram program = new OpProgram(op, OpProgram.Pass.GRADIENT, Precision.BFLOAT16, SIZES);
    int expected =
        switch (op) {
          case ROTARY_EMBEDDING, SOFTCAP, CROSS_ENTROPY -> 1;
          case RMS_NORM, GEGLU -> 2;
          case EAGER_ATTENTION, SDPA_ATTENTION, BLOCKWISE_ATTENTION -> 3;
          case QK_NORM -> 4;
        };
    assertEquals(expected, program.trace().results().size());
  }

  private static Map<String, float[]> run(OpProgram program, ExecutionPath path) {
    GraphFunction function = program.trace();
    Map<String, float[]> values = new HashMap<>();
    try (Executable executable = path.load(List.of(function))) {
      program.assign(function, executable);
      try (Results results = executable.run(OpProgram.FUNCTION, Map.of())) {
        results.tensors().forEach((name, tensor) -> values.put(name, tensor.floats()));
      }
    }
    return values;
  }
}
