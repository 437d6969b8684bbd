package io.gemlab.graph.path;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/** A function of its arguments alone. */
class StatelessFunctionTest {
  static Stream<ExecutionPath> paths() {
    return Stream.of(new EagerPath(), new GraphPath(), new ClusteredPath(), new FusedPath());
  }

  @ParameterizedTest
  @MethodSource("paths")
  void runsOnEveryPath(ExecutionPath path) {
    try (Executable executable = path.load(List.of(square()));
        Results results =
            executable.run("square", Map.of("x", HostTensor.of(new float[] {3, -2}, 2)))) {
      assertArrayEquals(new float[] {9, 4}, results.get("y").floats());
    }
  }

  /** What a node reads is in its profile, by the names of the graph that ran. */
  @ParameterizedTest
  @MethodSource("paths")
  void itsProfileSaysWhatIsRead(ExecutionPath path) {
    Map<String, HostTensor> arguments = Map.of("x", HostTensor.of(new float[] {3, -2}, 2));
    try (Executable executable = path.load(List.of(square()))) {
      executable.run("square", arguments).close();
      List<Profile.Node> readers =
          executable.profile("square", arguments).nodes().stream()
              .filter(node -> node.inputs().stream().anyMatch(name -> name.contains("argument.x")))
              .toList();
      assertEquals(1, readers.size(), readers.toString());
    }
  }

  private static GraphFunction square() {
    try (Trace trace = new Trace("square")) {
      Operand<TFloat32> x = trace.argument("x", TFloat32.class, TensorShape.of(2));
      trace.result("y", trace.ops().math.square(x));
      return trace.finish();
    }
  }
}
