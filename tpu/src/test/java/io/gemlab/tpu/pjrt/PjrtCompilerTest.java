package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.tpu.pjrt.PjrtError.Code;
import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import io.gemlab.tpu.pjrt.compile.CompileRequest;
import io.gemlab.tpu.pjrt.compile.CompiledProgram;
import io.gemlab.tpu.pjrt.compile.PjrtCompiler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ahead-of-time compilation on a fake plugin. */
final class PjrtCompilerTest {
  private final FakeCompiler fake = new FakeCompiler();
  private final byte[] layer;

  PjrtCompilerTest() throws IOException {
    layer = Resources.bytes("layer.hlo.pb");
  }

  @AfterEach
  void nothingIsLeft() {
    assertTrue(fake.alive().isEmpty(), () -> "alive: " + fake.alive());
    assertEquals(0, fake.serialized, "serialized programs that were not freed");
    fake.close();
  }

  @Test
  void answersAllThatThePluginSays() {
    CompiledProgram program = compile("v5e:1x1", CompileOptions.partitioned(1));
    assertArrayEquals(layer, program.optimized());
    assertEquals(new MemoryStatistics(1, 2, 3, 4, 5, 7, 6), program.memory());
    assertEquals(Map.of("flops", 1056.0, "steps", 3.0), program.costs());
    assertEquals(
        List.of(
            new OutputSpec(ElementType.F32, TensorShape.of(2, 3)),
            new OutputSpec(ElementType.I32, TensorShape.of(5)),
            new OutputSpec(ElementType.BF16, TensorShape.of())),
        program.outputs());
    assertEquals(Optional.of("0aff"), program.fingerprint());
    assertArrayEquals(new byte[] {1, 2}, program.executable());
    CompiledProgram.Compiler compiler = program.compiler();
    assertEquals("fake.so", compiler.plugin());
    assertEquals("0.90", compiler.apiVersion());
    assertEquals(FakeCompiler.VERSION, compiler.platformVersion());
    assertEquals("v5e", compiler.deviceKind());
    assertEquals(1, compiler.numDevices());
    assertTrue(compiler.deviceMemory().isEmpty());
    assertArrayEquals(CompileOptions.partitioned(1).encode(), fake.options);
  }

  @Test
  void programInPlainHloIsTakenToo() {
    fake.format = "hlo";
    assertArrayEquals(layer, compile("v5e:1x1", CompileOptions.partitioned(1)).optimized());
  }

  @Test
  void whatThePluginDoesNotHaveIsLeftOut() {
    fake.remove(Function.EXECUTABLE_GET_COST_ANALYSIS);
    fake.on(
        Function.EXECUTABLE_FINGERPRINT,
        _ -> {
          throw new FakePlugin.Failure(Code.UNIMPLEMENTED, "not here");
        });
    CompiledProgram program = compile("v5e:1x1", CompileOptions.partitioned(1));
    assertTrue(program.costs().isEmpty());
    assertTrue(program.fingerprint().isEmpty());
  }

  @Test
  void programThatDoesNotFitKeepsItsCode() {
    fake.on(
        Function.COMPILE,
        _ -> {
          throw new FakePlugin.Failure(Code.RESOURCE_EXHAUSTED, "64G of 16G\nlargest: x");
        });
    PjrtError error =
        assertThrows(PjrtError.class, () -> compile("v5e:1x1", CompileOptions.partitioned(1)));
    assertEquals(Code.RESOURCE_EXHAUSTED, error.code());
    assertEquals("PJRT_Compile: RESOURCE_EXHAUSTED: 64G of 16G", error.getMessage());
    assertEquals("64G of 16G\nlargest: x", error.details());
  }

  @Test
  void unknownTopologyIsInvalid() {
    InvalidInput error =
        assertThrows(InvalidInput.class, () -> compile("v9x:1x1", CompileOptions.partitioned(1)));
    assertEquals(
        "fake.so can't make the topology \"v9x:1x1\": what is this; a TPU's names are such as v5e:2x2 or"
            + " v5p:2x2x4",
        error.getMessage());
  }

  @Test
  void meshOfMoreDevicesThanThereAreIsInvalid() {
    InvalidInput error =
        assertThrows(InvalidInput.class, () -> compile("v5e:1x1", CompileOptions.partitioned(4)));
    assertEquals(
        "the mesh takes 4 devices and topology \"v5e:1x1\" has 1: make the mesh smaller or take a"
            + " larger topology",
        error.getMessage());
  }

  @Test
  void garbageIsNoProgram() {
    for (byte[] garbage : List.of(new byte[0], new byte[] {1, 2, 3}, new byte[] {8, 1})) {
      CompileRequest request =
          new CompileRequest(
              Path.of("unused.so"),
              TopologySpec.tpu("v5e:1x1"),
              CompileOptions.partitioned(1),
              garbage);
      assertEquals(
          "the program, %d bytes, is no serialized HloModuleProto: export it again"
              .formatted(garbage.length),
          assertThrows(InvalidInput.class, () -> PjrtCompiler.compile(request)).getMessage());
    }
  }

  private CompiledProgram compile(String topology, CompileOptions options) {
    TopologySpec spec = new TopologySpec(topology, List.of(FakeCompiler.OPTION));
    return PjrtCompiler.compile(
        fake.open(), new CompileRequest(Path.of("fake.so"), spec, options, layer));
  }
}
