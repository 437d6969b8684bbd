package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.tpu.pjrt.compile.ChildCompiler;
import io.gemlab.tpu.pjrt.compile.CompileRequest;
import io.gemlab.tpu.pjrt.compile.CompiledProgram;
import io.gemlab.tpu.pjrt.plugin.PluginFinder;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The real CUDA plugin ahead of time. It needs the Python packages of the plugin, and no GPU. */
@Tag("gpu")
final class CudaCompilerTest {
  private final Path library =
      new PluginFinder(System.getenv()).find(PluginKind.CUDA, Optional.empty()).require();

  @Test
  void compilesForOneGpu() throws IOException {
    CompiledProgram program = compile("layer", GpuTarget.H200.topology(1), 1);
    assertEquals(List.of(new OutputSpec(ElementType.F32, TensorShape.of(8, 4))), program.outputs());
    assertEquals(4 * (8 * 16 + 16 * 4), program.memory().argument());
    assertEquals(4 * 8 * 4, program.memory().output());
    assertTrue(program.costs().isEmpty(), "this plugin estimates no costs");
    assertTrue(program.executable().length > 0);
    assertEquals("NVIDIA H200", program.compiler().deviceKind());
    assertEquals(151_397_597_184L, program.compiler().deviceMemory().getAsLong());
  }

  @Test
  void partitionedProgramCommunicates() throws IOException {
    CompiledProgram program = compile("sharded", GpuTarget.H100.topology(8), 4);
    assertEquals(List.of(new OutputSpec(ElementType.F32, TensorShape.of(4, 4))), program.outputs());
    assertEquals(8, program.compiler().numDevices());
    List<String> opcodes = Resources.opcodes(program.optimized());
    assertTrue(
        opcodes.stream().anyMatch(op -> op.startsWith("all-reduce") || op.startsWith("all-gather")),
        opcodes::toString);
  }

  private CompiledProgram compile(String program, TopologySpec target, int numPartitions)
      throws IOException {
    return new ChildCompiler(Duration.ofMinutes(5))
        .compile(
            new CompileRequest(
                library,
                target,
                CompileOptions.partitioned(numPartitions),
                Resources.bytes(program + ".hlo.pb")));
  }
}
