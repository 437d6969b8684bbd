package io.gemlab.graph.path.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class TimelineLabelTest {
  @Test
  void readsOpAndInputs() {
    assertEquals(
        new TimelineLabel("_XlaRun", List.of("step/q_proj/MatMul", "cluster_1/key:1")),
        TimelineLabel.parse("cluster_2/xla_run = _XlaRun(step/q_proj/MatMul, cluster_1/key:1)"));
    assertEquals(new TimelineLabel("Const", List.of()), TimelineLabel.parse("a = Const()"));
  }

  @Test
  void keepsWhatHasAnotherForm() {
    assertEquals(new TimelineLabel("[Begin]", List.of()), TimelineLabel.parse("[Begin]"));
    assertEquals(new TimelineLabel("a = b", List.of()), TimelineLabel.parse("a = b"));
  }
}
