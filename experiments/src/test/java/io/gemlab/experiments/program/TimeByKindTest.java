package io.gemlab.experiments.program;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.experiments.program.TimeByKind.Kind;
import io.gemlab.graph.path.Profile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeByKindTest {
  private final List<Profile.Node> nodes = new ArrayList<>();

  private void node(String name, String op, long millis, String... inputs) {
    nodes.add(
        new Profile.Node(
            name, op, Duration.ofMillis(nodes.size()), Duration.ofMillis(millis), List.of(inputs)));
  }

  private TimeByKind kinds() {
    return TimeByKind.of(new Profile(Duration.ofMillis(10), nodes));
  }

  @ParameterizedTest
  @CsvSource({
    "MatMul, MATRIX_PRODUCT",
    "_MklMatMul, MATRIX_PRODUCT",
    "_FusedMatMul, MATRIX_PRODUCT",
    "_MklFusedMatMul, MATRIX_PRODUCT",
    "_MklNativeMatMul, MATRIX_PRODUCT",
    "BatchMatMulV2, BATCHED_PRODUCT",
    "_MklBatchMatMulV2, BATCHED_PRODUCT",
    "_XlaRun, XLA_PROGRAM",
    "PartitionedCall, XLA_PROGRAM",
    "Tanh, ELEMENT_WISE",
    "_MklSoftmax, ELEMENT_WISE",
    "Cast, CAST_OR_COPY",
    "_MklTranspose, CAST_OR_COPY",
    "GatherV2, LOOKUP",
    "ReadVariableOp, STATE",
    "_Arg, OTHER",
    "_XlaCompile, OTHER",
    "_SomethingOfTheRuntime, OTHER"
  })
  void everyOpHasAKind(String op, NodeKind kind) {
    node("n", op, 1);
    assertEquals(kind, NodeKind.of(nodes.getFirst()));
  }

  @Test
  void kindsAddUpAndTheLongestIsFirst() {
    node("a", "Tanh", 1);
    node("b", "_MklMatMul", 3);
    node("c", "MatMul", 4);
    node("d", "Mul", 2);
    TimeByKind kinds = kinds();
    assertEquals(
        List.of(
            new Kind("matrix products", 7, 2),
            new Kind("element-wise, softmax and reductions", 3, 2)),
        kinds.kinds());
    assertEquals(10, kinds.sum());
    assertEquals(6, kinds.spanMillis(), "the third begins after 2 ms and takes 4");
  }

  @Test
  void smallKindsAreToldAsOne() {
    node("a", "MatMul", 1000);
    node("b", "Tanh", 9);
    node("c", "GatherV2", 2);
    assertEquals(
        List.of(new Kind("matrix products", 1000, 1), new Kind("below 1 % each", 11, 2)),
        kinds().withoutSmall().kinds());
    assertEquals(1011, kinds().withoutSmall().sum());
  }

  /** As a session names what its programs read, in a training step of the tiny preset. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          step/state.model.layers.0.input_layernorm.weight step/model/embed_tokens/Gather | norms and residuals, forward
          step/model/layers.0/self_attn/q_proj/MatMul _arg_step/argument.positions_0_2 | attention and rotary embedding, forward
          step/model/layers.0/mlp/up_proj/MatMul step/model/layers.0/mlp/gate_proj/MatMul | gate of the MLP, forward
          step/loss/Reshape step/lm_head/MatMul step/loss/Gather | logits and loss, forward
          step/Gradients/loss/own_gradient_22/own_gradient_22/after_1 | logits and loss, backward
          step/Gradients/MatMul_2 step/Gradients/model/layers.3/mlp/own_gradient_19/own_gradient_19/after | gate of the MLP, backward
          step/Gradients/BatchMatMulV3 | attention and rotary embedding, backward
          step/state.optimizer.exp_avg.model.layers.3.mlp.down_proj.weight step/Gradients/MatMul_3 | AdamW
          step/state.optimizer.exp_avg.model.norm.weight step/Gradients/model/norm/own_gradient_21/after | norms, backward, and AdamW
          step/something/else | rest, forward
          """)
  void programsAreNamedAfterWhatTheyRead(String inputs, String label) {
    node("cluster_7_1/xla_run", "_XlaRun", 1, inputs.split(" "));
    assertEquals("XLA: " + label, kinds().kinds().getFirst().label());
  }

  /** What others computed of norms does not make an optimizer's program one of norms. */
  @Test
  void ownInputsNameAProgramFirst() {
    node("cluster_1_1/xla_run", "_XlaRun", 1, "step/state.model.norm.weight");
    node(
        "cluster_2_1/xla_run",
        "_XlaRun",
        2,
        "step/state.optimizer.exp_avg.model.layers.0.mlp.up_proj.weight",
        "cluster_1_1/merge_oidx_5");
    node("cluster_3_1/xla_run", "_XlaRun", 4, "cluster_1_1/merge_oidx_0:1");
    assertEquals(
        List.of(new Kind("XLA: norms and residuals, forward", 5, 2), new Kind("XLA: AdamW", 2, 1)),
        kinds().kinds());
  }

  @Test
  void aCompiledCallIsTheWholeFunction() {
    node("step/fused", "PartitionedCall", 9, "step/state.model.norm.weight");
    assertEquals("XLA: the whole function", kinds().kinds().getFirst().label());
  }
}
