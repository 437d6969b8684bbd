package io.gemlab.graph.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Golden;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

class LoopTest {
  static List<ExecutionPath> paths() {
    return Golden.PATHS;
  }

  /** Two loops, one inside the other: 2 (2 (2 (x + 0) + 1) + 2), each sum made in four turns. */
  @ParameterizedTest
  @MethodSource("paths")
  void everyPathTakesEveryTurn(ExecutionPath path) {
    GraphFunction function;
    try (Trace trace = new Trace("loops")) {
      Operand<TFloat32> x = trace.argument("x", TFloat32.class, TensorShape.of(2));
      Operand<TFloat32> two = trace.ops().constant(2f);
      trace.result(
          "y", trace.loop("outer", 3, List.of(x), List.of(two), LoopTest::outer).getFirst());
      function = trace.finish();
    }
    try (Executable executable = path.load(List.of(function));
        Results results =
            executable.run("loops", Map.of("x", HostTensor.of(new float[] {1, 2}, 2)))) {
      assertArrayEquals(new float[] {16, 24}, results.get("y").floats());
    }
  }

  private static List<Operand<?>> outer(
      Trace inside, Operand<?> number, List<Operand<?>> carried, List<Operand<?>> held) {
    Ops tf = inside.ops();
    Operand<TFloat32> turn = tf.dtypes.cast(number.asOutput().expect(TInt32.class), TFloat32.class);
    Operand<?> sum =
        inside
            .loop(
                "inner",
                4,
                carried,
                List.of(tf.math.div(turn, tf.constant(4f))),
                (deeper, again, so, by) -> List.of(deeper.ops().math.add(typed(so), typed(by))))
            .getFirst();
    return List.of(tf.math.mul(sum.asOutput().expect(TFloat32.class), typed(held)));
  }

  private static Operand<TFloat32> typed(List<Operand<?>> values) {
    return values.getFirst().asOutput().expect(TFloat32.class);
  }

  @Test
  void whatNoTurnCanCarryOnIsRefused() {
    try (Trace trace = new Trace("loops")) {
      Operand<TFloat32> x = trace.argument("x", TFloat32.class, TensorShape.of(2));
      Trace.Iteration same = (inside, number, carried, held) -> carried;
      assertEquals(1, trace.loop("loop", 3, List.of(x), List.of(), same).size());
      assertThrows(
          IllegalArgumentException.class, () -> trace.loop("loop", 3, List.of(x), List.of(), same));
      Trace.Iteration shorter =
          (inside, number, carried, held) ->
              List.of(inside.ops().sum(typed(carried), inside.ops().constant(0)));
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> trace.loop("shorter", 3, List.of(x), List.of(), shorter));
      assertTrue(refused.getMessage().contains("carries"), refused.getMessage());
    }
  }
}
