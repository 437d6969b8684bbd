package io.gemlab.tpu.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.cost.CollectiveKind;
import io.gemlab.tpu.hlo.cost.HloCollective;
import io.gemlab.tpu.hlo.cost.ModelPart;
import io.gemlab.tpu.hlo.export.HloExporter;
import io.gemlab.tpu.pjrt.CompileOptions;
import io.gemlab.tpu.pjrt.compile.ChildCompiler;
import io.gemlab.tpu.pjrt.compile.CompileRequest;
import io.gemlab.tpu.pjrt.compile.CompiledProgram;
import io.gemlab.tpu.pjrt.plugin.PluginFinder;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.types.TBfloat16;

/** What libtpu's partitioner makes of a plan: each device's pieces, and what they exchange. */
@Tag("tpu")
class LibtpuShardingTest {
  private static final Path LIBRARY =
      new PluginFinder(System.getenv()).find(PluginKind.TPU, Optional.empty()).require();
  private static final int ROWS = 4;
  private static final Set<ModelPart> LAYER = Set.of(ModelPart.ATTENTION, ModelPart.MLP);
  private static final TrainStep.Optimizer OPTIMIZER =
      new TrainStep.Optimizer(
          new AdamW(0.9, 0.95, 1e-8, 0.1), LearningRate.constant(1e-3), OptionalDouble.of(1));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data=2,model=2|v4:2x2x1|SCANNED|DATA ALL_GATHER, MODEL ALL_REDUCE",
        "data=2,model=2|v5p:2x2x1|UNROLLED|DATA ALL_GATHER, MODEL ALL_REDUCE",
        "fsdp=4|v5e:2x2|SCANNED|FSDP ALL_GATHER",
        "data=2,fsdp=2,model=2|tpu7x:2x2x1|SCANNED|FSDP ALL_GATHER, MODEL ALL_REDUCE",
      })
  void eachDeviceHoldsThePiecesOfThePlan(
      String text, String name, Depth.Layers layers, String exchanges) {
    Gemma2Config config = Gemma2Presets.config("tiny");
    TpuTopology topology = TpuTopology.parse(name);
    Mesh mesh = Mesh.parse(text);
    ShardingPlan plan = ShardingPlan.of(config, mesh, OptionalInt.of(ROWS), topology.devices());
    Gemma2Model<TBfloat16> model =
        new Gemma2Model<>(
            config,
            OpChoice.of(BlockwiseAttention.auto()),
            TBfloat16.class,
            new Depth(layers, Depth.Remat.LAYER));
    GraphFunction step =
        new TrainStep<>(model, new TrainingLoss.BatchShape(ROWS, 128), new NextTokenLoss())
            .trace("step", OPTIMIZER);
    HloModule exported = HloExporter.export(step);

    CompiledProgram program =
        new ChildCompiler(Duration.ofMinutes(5))
            .compile(
                new CompileRequest(
                    LIBRARY,
                    topology.spec(),
                    CompileOptions.partitioned(mesh.devices()),
                    plan.annotate(step, exported).toByteArray()));

    assertEquals(topology.devices(), program.compiler().numDevices());
    double memory = topology.generation().memoryBytes();
    assertEquals(memory, program.compiler().deviceMemory().orElseThrow(), 0.001 * memory);
    HloModule optimized = HloModule.of(program.optimized());
    assertEquals(Optional.empty(), plan.difference(step, optimized));
    assertEquals(plan.parameterBytes(step, exported), optimized.parameterBytes());
    assertTrue(program.memory().alias() > 0.9 * program.memory().output());

    Map<Mesh.Axis, Set<CollectiveKind>> along = new EnumMap<>(Mesh.Axis.class);
    for (HloCollective collective : HloCollective.of(optimized)) {
      List<Mesh.Axis> axes = mesh.axes(collective.groups());
      if (collective.kind() == CollectiveKind.ALL_REDUCE && LAYER.contains(collective.part())) {
        assertEquals(List.of(Mesh.Axis.MODEL), axes, "activations: " + collective);
      }
      for (Mesh.Axis axis : axes) {
        along.computeIfAbsent(axis, any -> new HashSet<>()).add(collective.kind());
      }
    }
    for (Mesh.Axis axis : Mesh.Axis.values()) {
      assertEquals(mesh.size(axis) > 1, along.containsKey(axis), axis + ": " + along);
    }
    // Sums within a layer; weights gathered where they are used, or whole ones after their update.
    for (String exchange : exchanges.split(", ")) {
      String[] words = exchange.split(" ");
      assertTrue(
          along.get(Mesh.Axis.valueOf(words[0])).contains(CollectiveKind.valueOf(words[1])),
          exchange + ": " + along);
    }
  }
}
