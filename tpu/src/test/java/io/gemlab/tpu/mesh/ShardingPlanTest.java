package io.gemlab.tpu.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.LayerWeight;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.tpu.hlo.Exports;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.export.HloExporter;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.OpSharding;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardingPlanTest {
  private static final Gemma2Config LARGEST = Gemma2Presets.config("gemma2-27b");

  private static ShardingPlan plan(String mesh, int rows) {
    Mesh parsed = Mesh.parse(mesh);
    return ShardingPlan.of(LARGEST, parsed, OptionalInt.of(rows), parsed.devices());
  }

  /** A weight's. */
  private static List<Long> piece(ShardingPlan plan, String name, long... shape) {
    return piece(plan, Optional.of(StateRole.WEIGHT), name, shape);
  }

  private static List<Long> piece(
      ShardingPlan plan, Optional<StateRole> role, String name, long... shape) {
    TensorSpec tensor = new TensorSpec(name, ElementType.F32, TensorShape.of(shape));
    return plan.of(new GraphFunction.Input(tensor, name, role))
        .piece(plan.mesh(), tensor.shape())
        .dimensions();
  }

  private static List<Long> momentPiece(ShardingPlan plan, String weight, long... shape) {
    return piece(plan, Optional.of(StateRole.MOMENT), TrainStep.expAvg(weight), shape);
  }

  @Test
  void headsColumnsVocabularyBatchAndMomentsAreCut() {
    ShardingPlan plan = plan("data=8,fsdp=2,model=4", 32);
    String q = LayerWeight.Q_PROJ.in(3);
    String down = LayerWeight.DOWN_PROJ.in(45);
    assertEquals(List.of(1024L, 2304L), piece(plan, q, 4096, 4608));
    assertEquals(List.of(512L, 2304L), piece(plan, LayerWeight.K_PROJ.in(0), 2048, 4608));
    assertEquals(List.of(2304L, 1024L), piece(plan, LayerWeight.O_PROJ.in(0), 4608, 4096));
    assertEquals(List.of(9216L, 2304L), piece(plan, LayerWeight.UP_PROJ.in(0), 36864, 4608));
    assertEquals(List.of(2304L, 9216L), piece(plan, down, 4608, 36864));
    assertEquals(List.of(64000L, 2304L), piece(plan, WeightSpec.EMBEDDING, 256000, 4608));
    assertEquals(List.of(4608L), piece(plan, LayerWeight.INPUT_LAYERNORM.in(0), 4608));
    assertEquals(List.of(128L, 2304L), momentPiece(plan, q, 4096, 4608));
    assertEquals(List.of(288L, 9216L), momentPiece(plan, down, 4608, 36864));
    assertEquals(List.of(576L), momentPiece(plan, LayerWeight.INPUT_LAYERNORM.in(0), 4608));
    assertEquals(List.of(), piece(plan, Optional.of(StateRole.STEP), TrainStep.STEP));
    assertEquals(List.of(2L, 8192L), piece(plan, Optional.empty(), "input_ids", 32, 8192));
    TensorSpec logits =
        new TensorSpec(ForwardPass.LOGITS, ElementType.F32, TensorShape.of(32, 128, 256000));
    assertEquals(
        List.of(2L, 128L, 64000L),
        plan.ofResult(logits).piece(plan.mesh(), logits.shape()).dimensions());
    Optional<StateRole> cache = Optional.of(StateRole.CACHE);
    assertEquals(List.of(2L, 4L, 10L, 128L), piece(plan, cache, "keys", 32, 16, 10, 128));
  }

  /** An adapter whose rank is the number of rows is not taken for a batch, nor a stray weight. */
  @Test
  void stateIsNotCutByTheChanceOfItsShape() {
    ShardingPlan plan = plan("data=8,fsdp=2,model=4", 32);
    Optional<StateRole> adapter = Optional.of(StateRole.ADAPTER);
    String factor = "model.layers.0.self_attn.q_proj.lora_A.weight";
    assertEquals(List.of(32L, 4608L), piece(plan, adapter, factor, 32, 4608));
    Optional<StateRole> gradient = Optional.of(StateRole.GRADIENT);
    assertEquals(List.of(32L, 4608L), piece(plan, gradient, "gradient/" + factor, 32, 4608));
    assertEquals(List.of(4L, 4608L), momentPiece(plan, factor, 32, 4608));
    assertThrows(IllegalArgumentException.class, () -> piece(plan, "unknown", 32, 4608));
    assertThrows(IllegalArgumentException.class, () -> momentPiece(plan, "unknown", 32, 4608));
  }

  @Test
  void aStackIsCutAsEachOfItsWeights() {
    ShardingPlan plan = plan("data=23,model=4", 23);
    String down = "model.layers.1by2.mlp.down_proj.weight";
    assertEquals(List.of(23L, 4608L, 9216L), piece(plan, down, 23, 4608, 36864));
    // 23 turns could be shared out by 23, but a turn takes a weight of the stack out whole.
    assertEquals(List.of(23L, 4608L, 9216L), momentPiece(plan, down, 23, 4608, 36864));
    assertEquals(List.of(64000L, 4608L), piece(plan, WeightSpec.EMBEDDING, 256000, 4608));
    // A layer by itself in a segment is still a stack.
    assertEquals(
        List.of(1L, 1024L, 4608L),
        piece(plan, "model.layers.2by1.self_attn.q_proj.weight", 1, 4096, 4608));
  }

  @Test
  void whoAsksForNoMeshGetsAllOnDataOrTheNearestThatWorks() {
    assertEquals(new Mesh(16, 1, 1), ShardingPlan.mesh(LARGEST, 16, 16));
    assertEquals(new Mesh(4, 1, 4), ShardingPlan.mesh(LARGEST, 4, 16));
    assertThrows(InvalidInput.class, () -> ShardingPlan.mesh(LARGEST, 3, 7));
  }

  /** The report's meshes, data x model. */
  @ParameterizedTest
  @CsvSource({"gemma2-2b, 512, 1", "gemma2-9b, 1024, 4", "gemma2-27b, 768, 8"})
  void thePublishedMeshesFit(String preset, int data, int model) {
    Gemma2Config config = Gemma2Presets.config(preset);
    Mesh mesh = new Mesh(data, 1, model);
    ShardingPlan plan = ShardingPlan.of(config, mesh, OptionalInt.of(data), data * model);
    String gate = LayerWeight.GATE_PROJ.in(0);
    TensorSpec moment =
        new TensorSpec(
            TrainStep.expAvg(gate),
            ElementType.F32,
            TensorShape.of(config.intermediateSize(), config.hiddenSize()));
    assertTrue(
        plan.of(new GraphFunction.Input(moment, "moment", Optional.of(StateRole.MOMENT)))
            .divides(mesh, moment.shape()));
  }

  /** Each matrix of a layer, and the embedding once for both its uses. */
  @Test
  void whatFsdpCutsIsPutTogetherWhereItIsUsed() {
    Gemma2Config config = Gemma2Presets.config("tiny");
    GraphFunction forward = Exports.forward(config, new EagerAttention(), 4, 8);
    HloModule exported = HloExporter.export(forward);
    List<OpSharding> pins = pins(config, forward, exported, Mesh.parse("fsdp=2,model=2"));
    assertEquals(7 * config.numHiddenLayers() + 1, pins.size());
    for (OpSharding pin : pins) {
      assertEquals(
          2,
          pin.getTileAssignmentDimensionsList().stream().limit(2).reduce(1L, Math::multiplyExact));
      assertTrue(pin.getReplicateOnLastTileDim());
    }
    assertEquals(List.of(), pins(config, forward, exported, Mesh.parse("data=2,model=2")));
  }

  private static List<OpSharding> pins(
      Gemma2Config config, GraphFunction function, HloModule exported, Mesh mesh) {
    return ShardingPlan.of(config, mesh, OptionalInt.of(4), mesh.devices())
        .annotate(function, exported)
        .proto()
        .getComputationsList()
        .stream()
        .flatMap(computation -> computation.getInstructionsList().stream())
        .filter(instruction -> instruction.getCustomCallTarget().equals("Sharding"))
        .map(HloInstructionProto::getSharding)
        .toList();
  }

  @Test
  void aMomentThatDataDoesNotDivideStaysWholeOnIt() {
    ShardingPlan plan = plan("data=5,model=2", 5);
    assertEquals(List.of(2048L, 4608L), momentPiece(plan, LayerWeight.Q_PROJ.in(0), 4096, 4608));
    assertEquals(List.of(25600L, 4608L), momentPiece(plan, WeightSpec.EMBEDDING, 256000, 4608));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gemma2-9b|data=2,model=16|8|32|model=16 can't share out num_key_value_heads, 8, evenly;"
            + " the nearest mesh that works on 32 is data=4,fsdp=1,model=8",
        "gemma2-27b|data=4,model=3|12|12|model=3 can't share out num_attention_heads, 32, evenly;"
            + " the nearest mesh that works on 12 is data=3,fsdp=1,model=4",
        "gemma2-2b|data=8|4|8|data=8,fsdp=1 can't share out the rows of the batch, 4, evenly; the"
            + " nearest mesh that works on 8 is data=4,fsdp=1,model=2",
        "gemma2-2b|fsdp=5|5|5|fsdp=5 can't share out hidden_size, 2304, evenly; the nearest mesh"
            + " that works on 5 is data=5,fsdp=1,model=1",
        "gemma2-2b|data=4,model=4|16|8|mesh data=4,fsdp=1,model=4 takes 16 devices and there are 8;"
            + " the nearest mesh that works on 8 is data=4,fsdp=1,model=2",
        "gemma2-2b|data=7|3|7|no mesh works on 7 devices: take another number of devices or rows"
      })
  void whatDoesNotFitIsRefusedWithWhatDoes(
      String preset, String mesh, int rows, int devices, String reason) {
    Gemma2Config config = Gemma2Presets.config(preset);
    InvalidInput refused =
        assertThrows(
            InvalidInput.class,
            () -> ShardingPlan.of(config, Mesh.parse(mesh), OptionalInt.of(rows), devices));
    assertTrue(refused.getMessage().contains(reason), refused.getMessage());
  }

  @Test
  void aShardingNamesTheDevicesOfEachPiece() {
    Mesh mesh = new Mesh(2, 1, 2);
    TensorSharding columns = TensorSharding.replicated(2).cut(1, Mesh.Axis.MODEL);
    OpSharding proto = columns.proto(mesh);
    assertEquals(List.of(1L, 2L, 2L), proto.getTileAssignmentDimensionsList());
    assertTrue(proto.getReplicateOnLastTileDim());
    assertEquals(List.of(0L, 2L, 1L, 3L), proto.getTileAssignmentDevicesList());

    OpSharding both = columns.cut(0, Mesh.Axis.DATA).proto(mesh);
    assertEquals(List.of(2L, 2L), both.getTileAssignmentDimensionsList());
    assertFalse(both.getReplicateOnLastTileDim());
    assertEquals(List.of(0L, 1L, 2L, 3L), both.getTileAssignmentDevicesList());

    assertEquals(OpSharding.Type.REPLICATED, TensorSharding.replicated(2).proto(mesh).getType());
    assertThrows(IllegalArgumentException.class, () -> columns.cut(0, Mesh.Axis.MODEL));
  }
}
