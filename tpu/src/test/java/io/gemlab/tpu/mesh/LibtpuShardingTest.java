package io.gemlab.tpu.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.gemma2.Gemma2Config;
import io.gemlab.graph.gemma2.Gemma2Presets;
import io.gemlab.graph.tensor.TensorShape;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.tpu.hlo.Exports;
import io.gemlab.tpu.hlo.HloCost;
import io.gemlab.tpu.hlo.HloExporter;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.pjrt.ChildCompiler;
import io.gemlab.tpu.pjrt.CompileOptions;
import io.gemlab.tpu.pjrt.CompileRequest;
import io.gemlab.tpu.pjrt.CompiledProgram;
import io.gemlab.tpu.pjrt.OutputSpec;
import io.gemlab.tpu.pjrt.PluginFinder;
import io.gemlab.tpu.pjrt.PluginKind;
import io.gemlab.tpu.pjrt.TopologySpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What libtpu's partitioner makes of a plan: each device's pieces, and what they exchange. */
@Tag("tpu")
class LibtpuShardingTest {
  private static final Path LIBRARY =
      new PluginFinder(System.getenv()).find(PluginKind.TPU, Optional.empty()).require();
  private static final int ROWS = 4;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data=2,model=2|v5p:2x2x1",
        "fsdp=4|v5e:2x2",
        "data=2,fsdp=2,model=2|v4:2x2x1",
      })
  void eachDeviceHoldsThePiecesOfThePlan(String text, String name) {
    Gemma2Config config = Gemma2Presets.config("tiny");
    TpuTopology topology = TpuTopology.parse(name);
    Mesh mesh = Mesh.parse(text);
    ShardingPlan plan = ShardingPlan.of(config, mesh, ROWS, topology.devices());
    GraphFunction step = Exports.trainStep(config, new EagerAttention(), ROWS, 128);
    HloModule annotated = plan.annotate(step, HloExporter.export(step));

    CompiledProgram program =
        new ChildCompiler(Duration.ofMinutes(5))
            .compile(
                new CompileRequest(
                    LIBRARY,
                    TopologySpec.tpu(topology.toString()),
                    CompileOptions.partitioned(mesh.devices()),
                    annotated.toByteArray()));

    assertEquals(topology.devices(), program.compiler().numDevices());
    double memory = topology.generation().memoryBytes();
    assertEquals(memory, program.compiler().deviceMemory().orElseThrow(), 0.001 * memory);
    List<TensorShape> pieces =
        step.outputs().stream()
            .map(output -> plan.of(output.spec()).piece(mesh, output.spec().shape()))
            .toList();
    assertEquals(pieces, program.outputs().stream().map(OutputSpec::shape).toList());
    HloCost optimized = HloCost.of(HloModule.of(program.optimized()));
    assertEquals(
        plan.inputBytes(step).stream().mapToLong(Long::longValue).sum(),
        optimized.parameterBytes());
    assertTrue(program.memory().alias() > 0.9 * program.memory().output());
    assertTrue(
        optimized.instructions().keySet().stream().anyMatch(kind -> kind.startsWith("all-reduce")),
        () -> optimized.instructions().toString());
  }
}
