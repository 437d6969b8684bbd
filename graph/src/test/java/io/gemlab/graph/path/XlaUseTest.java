package io.gemlab.graph.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.attention.EagerAttention;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which paths XLA has a part in, whatever ran in the process before. */
class XlaUseTest {
  private static final GraphFunction STEP = SmallTraining.step(new EagerAttention());

  @Test
  void aPlainGraphHasNoClustersAlsoAfterAClusteredOne() {
    ExecutionReport plainBefore = report(new GraphPath());
    ExecutionReport clustered = report(new ClusteredPath());
    ExecutionReport fused = report(new FusedPath());
    ExecutionReport plainAfter = report(new GraphPath());
    ExecutionReport eager = report(new EagerPath());

    assertTrue(clustered.xlaUsed());
    assertTrue(clustered.xlaClusters() > 1, clustered.toString());
    assertTrue(clustered.executed() < plainAfter.executed(), clustered.toString());
    assertEquals(1, fused.xlaClusters());
    for (ExecutionReport plain : List.of(plainBefore, plainAfter, eager)) {
      assertEquals(0, plain.xlaClusters(), plain.toString());
      assertFalse(plain.xlaUsed());
    }
  }

  private static ExecutionReport report(ExecutionPath path) {
    try (Executable executable = path.load(List.of(STEP))) {
      SmallTraining.initialize(STEP, executable);
      executable.run(SmallTraining.STEP, SmallTraining.arguments(0)).close();
      ExecutionReport report = executable.report(SmallTraining.STEP);
      assertEquals(path.label(), report.path());
      return report;
    }
  }
}
