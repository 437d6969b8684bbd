package io.gemlab.graph.path.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Functions added one after the other share state, which is written in place where it may be. */
public class SharedStateTest {
  private static final TensorShape TABLE = TensorShape.of(2, 3, 2);

  static Stream<ExecutionPath> paths() {
    return Stream.of(new EagerPath(), new GraphPath(), new ClusteredPath(), new FusedPath());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("paths")
  public void whatOneFunctionWritesAnotherReads(ExecutionPath path) {
    try (Executable executable = path.load(List.of())) {
      executable.add(write("write", false));
      executable.assign("table", HostTensor.of(new float[12], 2, 3, 2));
      write(executable, "write", 4, 1f);
      write(executable, "write", 0, 2f);
      executable.add(sum());
      assertEquals(6, sum(executable));
      assertArrayEquals(new float[] {2, 2, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0}, table(executable));
      write(executable, "write", 4, 5f);
      assertEquals(14, sum(executable));

      executable.release(List.of("table"));
      executable.assign("table", HostTensor.of(new float[12], 2, 3, 2));
      assertEquals(0, sum(executable));
      write(executable, "write", 1, 3f);
      assertEquals(6, sum(executable));
    }
  }

  /** A function that also returns what was there before must not write over it. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("paths")
  public void theValueFromBeforeIsKeptWhereItIsRead(ExecutionPath path) {
    try (Executable executable = path.load(List.of(write("write", true)))) {
      executable.assign("table", HostTensor.of(new float[12], 2, 3, 2));
      try (Results first = write(executable, "write", 4, 1f);
          Results second = write(executable, "write", 0, 2f)) {
        assertArrayEquals(new float[12], first.get("before").floats());
        assertEquals(1, second.get("before").floats()[8]);
        assertEquals(0, second.get("before").floats()[0]);
      }
      assertEquals(2, table(executable)[0]);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("paths")
  void functionsThatDisagreeAreRefused(ExecutionPath path) {
    try (Executable executable = path.load(List.of(write("write", false)));
        Trace trace = new Trace("other")) {
      trace.result(
          "out", trace.state("table", StateRole.WEIGHT, TFloat32.class, TensorShape.of(12)));
      GraphFunction disagreeing = trace.finish();
      assertThrows(IllegalArgumentException.class, () -> executable.add(disagreeing));
      assertThrows(IllegalArgumentException.class, () -> executable.add(write("write", true)));
    }
  }

  @Test
  void onlyAWriteThatNobodyElseSeesIsInPlace() {
    assertTrue(has(InPlaceWrites.of(write("write", false)), "InplaceUpdate"));
    assertTrue(has(InPlaceWrites.of(write("write", true)), "TensorScatterUpdate"));
  }

  private static boolean has(org.tensorflow.proto.GraphDef graph, String op) {
    return graph.getNodeList().stream().anyMatch(node -> node.getOp().equals(op));
  }

  /** Overwrites a row of the table. */
  private static GraphFunction write(String name, boolean alsoRead) {
    try (Trace trace = new Trace(name)) {
      Ops tf = trace.ops();
      Operand<TFloat32> before = trace.state("table", StateRole.WEIGHT, TFloat32.class, TABLE);
      Operand<TInt32> row = trace.argument("row", TInt32.class, TensorShape.of(1, 1));
      Operand<TFloat32> values = trace.argument("values", TFloat32.class, TensorShape.of(1, 2));
      Operand<TFloat32> rows = tf.reshape(before, tf.constant(new int[] {6, 2}));
      Operand<TFloat32> after =
          tf.reshape(tf.tensorScatterNdUpdate(rows, row, values), tf.constant(new int[] {2, 3, 2}));
      trace.update("table", after);
      if (alsoRead) trace.result("before", tf.math.mul(before, tf.constant(1f)));
      return trace.finish();
    }
  }

  private static GraphFunction sum() {
    try (Trace trace = new Trace("sum")) {
      Ops tf = trace.ops();
      Operand<TFloat32> table = trace.state("table", StateRole.WEIGHT, TFloat32.class, TABLE);
      trace.result("sum", tf.sum(table, tf.constant(new int[] {0, 1, 2})));
      return trace.finish();
    }
  }

  private static Results write(Executable executable, String function, int row, float value) {
    return executable.run(
        function,
        Map.of(
            "row", HostTensor.of(new int[] {row}, 1, 1),
            "values", HostTensor.of(new float[] {value, value}, 1, 2)));
  }

  private static float sum(Executable executable) {
    try (Results results = executable.run("sum", Map.of())) {
      return results.get("sum").item();
    }
  }

  private static float[] table(Executable executable) {
    try (HostTensor table = executable.read("table")) {
      return table.floats();
    }
  }
}
