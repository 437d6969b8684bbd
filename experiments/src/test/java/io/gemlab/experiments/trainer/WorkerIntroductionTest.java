package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.input.InvalidInput;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WorkerIntroductionTest {
  private static final String RECIPE = "distill: {teacher: teacher.safetensors}\npreset: tiny\n";

  private static WorkerIntroduction taught(String teacher) {
    return new WorkerIntroduction("1.0 4d83b2", "ab".repeat(32), teacher, RECIPE);
  }

  /** Of one name, on two hosts. */
  @Test
  void filesOfDifferentTeachersAreRefused() {
    WorkerIntroduction own = taught("teacher.safetensors by alpha");
    String other = taught("teacher.safetensors by beta").text();
    Cluster cluster = Cluster.parse("a:1,b:2", 0);
    own.requireSame(cluster, List.of(own.text(), own.text()));
    InvalidInput refusal =
        assertThrows(
            InvalidInput.class, () -> own.requireSame(cluster, List.of(own.text(), other)));
    assertEquals(
        "worker 1 of 2 (b:2) differs from worker 0, this one: it learns of teacher.safetensors by beta, and this one of"
            + " teacher.safetensors by alpha; give all workers the same teacher's file",
        refusal.getMessage());
  }
}
