package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.tpu.pjrt.PjrtError.Code;
import io.gemlab.tpu.pjrt.compile.ChildCompiler;
import io.gemlab.tpu.pjrt.compile.CompileRequest;
import io.gemlab.tpu.pjrt.compile.CompiledProgram;
import io.gemlab.tpu.pjrt.compile.PjrtCompilerAborted;
import io.gemlab.tpu.pjrt.plugin.PluginFinder;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The real libtpu, without a TPU: found as the commands find it, by TPU_library_PATH for one. */
@Tag("tpu")
final class LibtpuTest {
  /** A v5e chip's, of which the system keeps a part. */
  private static final long V5E_MEMORY = 16L << 30;

  private final Path library =
      new PluginFinder(System.getenv()).find(PluginKind.TPU, Optional.empty()).require();

  private final ChildCompiler compiler = new ChildCompiler(Duration.ofMinutes(5));

  @Test
  void compilesForOneChip() throws IOException {
    CompiledProgram program = compile("layer", "v5e:1x1", 1);
    assertEquals(List.of(new OutputSpec(ElementType.F32, TensorShape.of(8, 4))), program.outputs());
    assertTrue(program.costs().get("flops") >= 2 * 8 * 16 * 4, () -> "" + program.costs());
    assertTrue(program.costs().get("optimal_seconds") > 0);
    MemoryStatistics memory = program.memory();
    assertTrue(memory.argument() >= 4 * (8 * 16 + 16 * 4), memory::toString);
    assertTrue(memory.output() >= 4 * 8 * 4, memory::toString);
    assertTrue(memory.peak() >= memory.argument() + memory.output(), memory::toString);
    assertTrue(memory.generatedCode() > 0, memory::toString);
    assertTrue(program.executable().length > 0);
    Programs.requireModule(program.optimized());
    CompiledProgram.Compiler used = program.compiler();
    assertEquals("TPU v5 lite", used.deviceKind());
    assertEquals(1, used.numDevices());
    assertTrue(used.deviceMemory().getAsLong() > V5E_MEMORY * 9 / 10, used::toString);
    assertTrue(used.deviceMemory().getAsLong() < V5E_MEMORY, used::toString);
    assertTrue(used.peakMemory().getAsLong() > 100 << 20, used::toString);
  }

  @Test
  void sameProgramHasSameFingerprintAndOtherOptionsAnother() throws IOException {
    Optional<String> first = compile("layer", "v5e:1x1", 1).fingerprint();
    assertTrue(first.isPresent());
    assertEquals(first, compile("layer", "v5e:1x1", 1).fingerprint());
    assertTrue(!first.equals(compile("layer", "v6e:1x1", 1).fingerprint()));
  }

  @Test
  void partitionedProgramHoldsItsPartsAndCommunicates() throws IOException {
    CompiledProgram program = compile("sharded", "v5e:2x2", 4);
    assertEquals(List.of(new OutputSpec(ElementType.F32, TensorShape.of(4, 4))), program.outputs());
    assertEquals(4, program.compiler().numDevices());
    List<String> opcodes = Resources.opcodes(program.optimized());
    assertTrue(opcodes.stream().anyMatch(op -> op.startsWith("all-reduce")), opcodes::toString);
  }

  @Test
  void donatedArgumentIsAliased() throws IOException {
    MemoryStatistics memory = compile("donated", "v5e:1x1", 1).memory();
    assertEquals(4 * 1024, memory.alias());
    assertTrue(memory.peak() < memory.argument() + memory.output(), memory::toString);
  }

  @Test
  void programThatDoesNotFitSaysSo() {
    PjrtError error = assertThrows(PjrtError.class, () -> compile("large", "v5e:1x1", 1));
    assertEquals(Code.RESOURCE_EXHAUSTED, error.code());
    assertTrue(error.getMessage().contains("64.00G"), error::getMessage);
  }

  @Test
  void unknownTopologyIsInvalid() {
    InvalidInput error = assertThrows(InvalidInput.class, () -> compile("layer", "v9e:1x1", 1));
    assertEquals(
        "libtpu.so can't make the topology \"v9e:1x1\": Invalid TPU external name: TPU v9e; a TPU's"
            + " names are such as v5e:2x2 or v5p:2x2x4",
        error.getMessage());
  }

  @Test
  void meshLargerThanTopologyIsInvalid() {
    InvalidInput error = assertThrows(InvalidInput.class, () -> compile("sharded", "v5e:1x1", 4));
    assertTrue(error.getMessage().startsWith("the mesh takes 4 devices"), error::getMessage);
  }

  @Test
  void hostBoundsMakeAnOddTopology() throws IOException {
    NamedValue bounds = new NamedValue.Wholes("chips_per_host_bounds", List.of(1L, 1L, 1L));
    TopologySpec spec = new TopologySpec("v5e:1x3", List.of(bounds));
    CompiledProgram program =
        compiler.compile(
            new CompileRequest(
                library, spec, CompileOptions.partitioned(1), Resources.bytes("layer.hlo.pb")));
    assertEquals(3, program.compiler().numDevices());
  }

  @Test
  void programThatIsCutShortIsRefused() throws IOException {
    byte[] layer = Resources.bytes("layer.hlo.pb");
    byte[] cut = Arrays.copyOf(layer, layer.length - 1);
    InvalidInput error =
        assertThrows(InvalidInput.class, () -> compiler.compile(request("v5e:1x1", 1, cut)));
    assertTrue(error.getMessage().contains("no serialized HloModuleProto"), error::getMessage);
  }

  @Test
  void abortInsideLibtpuBecomesOneLine() {
    PjrtCompilerAborted aborted =
        assertThrows(PjrtCompilerAborted.class, () -> compile("abort", "v5e:1x1", 1));
    assertEquals(1, aborted.getMessage().lines().count());
    assertTrue(
        aborted
            .getMessage()
            .startsWith("the compiler libtpu.so aborted (SIGABRT); its last words:"),
        aborted::getMessage);
    assertTrue(aborted.getMessage().contains("minor_to_major"), aborted::getMessage);
  }

  @Test
  void pluginIsLoadedOnceAndSaysItsVersion() {
    PjrtPlugin plugin = PjrtPlugin.open(library);
    assertEquals(plugin, PjrtPlugin.open(library));
    assertTrue(plugin.apiVersion().startsWith("0."), plugin::apiVersion);
    assertTrue(
        plugin.attributes().stream().anyMatch(value -> value.name().equals("xla_version")),
        () -> plugin.attributes().toString());
  }

  @Test
  void withoutTpuThereIsNoClient() {
    PjrtError error =
        assertThrows(PjrtError.class, () -> PjrtPlugin.open(library).client(List.of()));
    assertEquals("PJRT_Client_Create", error.function());
  }

  private CompiledProgram compile(String program, String topology, int numPartitions)
      throws IOException {
    byte[] hlo = Resources.bytes(program + ".hlo.pb");
    return compiler.compile(request(topology, numPartitions, hlo));
  }

  private CompileRequest request(String topology, int numPartitions, byte[] hlo) {
    return new CompileRequest(
        library, TopologySpec.tpu(topology), CompileOptions.partitioned(numPartitions), hlo);
  }
}
