package io.gemlab.tpu.pjrt.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.tpu.pjrt.CompileOptions;
import io.gemlab.tpu.pjrt.CompileOptions.OutputSharding;
import io.gemlab.tpu.pjrt.MemoryStatistics;
import io.gemlab.tpu.pjrt.NamedValue;
import io.gemlab.tpu.pjrt.OutputSpec;
import io.gemlab.tpu.pjrt.PjrtError;
import io.gemlab.tpu.pjrt.TopologySpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A request and an answer come out of their bytes as they went in. */
final class MessagesTest {
  @Test
  void request() throws IOException {
    List<NamedValue> options =
        List.of(
            new NamedValue.Text("target", "größer\nals 64 KiB".repeat(6000)),
            new NamedValue.Whole("slices", -2),
            new NamedValue.Wholes("bounds", List.of(1L, Long.MAX_VALUE)),
            new NamedValue.Real("share", 0.25f),
            new NamedValue.Flag("flag", true));
    CompileRequest request =
        new CompileRequest(
            Path.of("/lib/plugin.so"),
            new TopologySpec("v5e:2x2", options),
            new CompileOptions(2, 2, List.of(3, 2, 1, 0), OutputSharding.PROPAGATED),
            new byte[] {1, 2, 3});
    CompileRequest read = RequestMessage.read(bytes(out -> RequestMessage.write(request, out)));
    assertEquals(request.plugin(), read.plugin());
    assertEquals(request.topology(), read.topology());
    assertEquals(request.options(), read.options());
    assertArrayEquals(request.hlo(), read.hlo());
  }

  @Test
  void program() throws IOException {
    CompiledProgram program =
        new CompiledProgram(
            new byte[] {1},
            new MemoryStatistics(1, 2, 3, 4, 5, 6, 7),
            Map.of("flops", 1e15, "optimal_seconds", -0.5),
            List.of(new OutputSpec(ElementType.BF16, TensorShape.of(2, 0, 3))),
            Optional.of("0aff"),
            new byte[] {9, 9},
            new CompiledProgram.Compiler(
                "p.so",
                "0.117",
                "two\nlines",
                "TPU",
                4,
                OptionalLong.of(16),
                Duration.ofMillis(5),
                OptionalLong.empty()));
    CompiledProgram read = AnswerMessage.read(bytes(out -> AnswerMessage.write(program, out)));
    assertArrayEquals(program.optimized(), read.optimized());
    assertEquals(program.memory(), read.memory());
    assertEquals(program.costs(), read.costs());
    assertEquals(program.outputs(), read.outputs());
    assertEquals(program.fingerprint(), read.fingerprint());
    assertArrayEquals(program.executable(), read.executable());
    assertEquals(program.compiler(), read.compiler());
  }

  @Test
  void failures() throws IOException {
    DataInputStream invalid =
        bytes(out -> AnswerMessage.write(new InvalidInput("no such file"), out));
    assertEquals(
        "no such file",
        assertThrows(InvalidInput.class, () -> AnswerMessage.read(invalid)).getMessage());
    PjrtError error =
        new PjrtError("PJRT_Compile", PjrtError.Code.RESOURCE_EXHAUSTED, "too large\nby 3 GB");
    DataInputStream answer = bytes(out -> AnswerMessage.write(error, out));
    PjrtError read = assertThrows(PjrtError.class, () -> AnswerMessage.read(answer));
    assertEquals(error.getMessage(), read.getMessage());
    assertEquals(error.code(), read.code());
    assertEquals(error.details(), read.details());
  }

  private interface Message {
    void write(DataOutputStream out) throws IOException;
  }

  private static DataInputStream bytes(Message message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    message.write(new DataOutputStream(bytes));
    return new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
  }
}
