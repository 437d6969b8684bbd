package io.gemlab.graph.path.eager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.Profile;
import io.gemlab.graph.path.SmallTraining;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.tensorflow.proto.NodeDef;

/** One TFE_Execute for each traced primitive, gradients and the optimizer included. */
class EagerPathTest {
  static final List<Attention> ATTENTIONS =
      List.of(new EagerAttention(), BlockwiseAttention.auto());

  @ParameterizedTest
  @FieldSource("ATTENTIONS")
  void executesEachPrimitiveOnce(Attention attention) {
    GraphFunction step = SmallTraining.step(attention);
    Set<String> primitives =
        step.graph().getNodeList().stream()
            .filter(node -> !Set.of("Placeholder", "Const").contains(node.getOp()))
            .map(NodeDef::getName)
            .collect(Collectors.toSet());
    assertTrue(primitives.size() > 500, "a step with gradients is more than " + primitives.size());
    try (Executable executable = new EagerPath().load(List.of(step))) {
      SmallTraining.initialize(step, executable);
      executable.run(SmallTraining.STEP, SmallTraining.arguments(0)).close();
      ExecutionReport report = executable.report(SmallTraining.STEP);
      assertEquals(primitives.size(), report.executed());
      assertEquals(0, report.xlaClusters());

      List<Profile.Node> executed =
          executable.profile(SmallTraining.STEP, SmallTraining.arguments(1)).nodes();
      assertEquals(primitives.size(), executed.size());
      assertEquals(
          primitives, executed.stream().map(Profile.Node::name).collect(Collectors.toSet()));
    }
  }
}
