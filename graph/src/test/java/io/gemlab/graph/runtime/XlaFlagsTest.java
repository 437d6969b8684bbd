package io.gemlab.graph.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.graph.base.process.ProcessEnvironment;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.trace.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.types.TFloat32;

class XlaFlagsTest {
  private static final String XLA_FLAGS = "XLA_FLAGS";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "--xla_dump_to=/x --xla_tpu_new=1 | --xla_dump_to=/x | --xla_tpu_new=1",
        "  --xla_dump_to='a b' --xla_tpu_x=\"c \\\" d\" | --xla_dump_to='a b' | --xla_tpu_x=\"c \\\" d\"",
        "--xla_cpu_enable_fast_math -xla_dump_to=/x | --xla_cpu_enable_fast_math | -xla_dump_to=/x",
        "--xla_cpu_enable_fast_math junk | --xla_cpu_enable_fast_math | junk",
        "`` | `` | ``",
      })
  void dividesAsXlaDoes(String value, String known, String unknown) {
    XlaFlags flags = XlaFlags.of(XLA_FLAGS, value);
    assertEquals(known, flags.value());
    assertEquals(unknown, String.join(" ", flags.unknown()));
  }

  @ParameterizedTest
  @CsvSource({
    "--xla_backend_optimization_level=x, --xla_backend_optimization_level=-2",
    "--xla_backend_optimization_level, --xla_backend_optimization_level=\"3\"",
    "--xla_cpu_enable_fast_math=perhaps, --xla_cpu_enable_fast_math=false",
    "--xla_cpu_enable_fast_math=, --xla_cpu_enable_fast_math",
    "--xla_cpu_enable_fast_math=2, --xla_cpu_enable_fast_math=True",
    "--xla_dump_to, --xla_dump_to=x"
  })
  void leavesOutValuesThatItCanNotRead(String unreadable, String readable) {
    XlaFlags flags = XlaFlags.of(XLA_FLAGS, unreadable + " " + readable);
    assertEquals(readable, flags.value());
    assertEquals(
        List.of(
            "XLA_FLAGS: TensorFlow's XLA can't read the value of %s; ignored for TensorFlow"
                .formatted(unreadable)),
        flags.warnings());
  }

  @ParameterizedTest
  @CsvSource({
    "--xla_cpu_use_thunk_runtime=false, --xla_cpu_use_thunk_runtime=true",
    "--xla_cpu_use_thunk_runtime=\"False\", --xla_cpu_use_thunk_runtime",
    "--xla_cpu_use_thunk_runtime=0, --xla_cpu_use_thunk_runtime=1"
  })
  void leavesOutTheRuntimeThatIsWrong(String wrong, String right) {
    XlaFlags flags = XlaFlags.of(XLA_FLAGS, wrong + " " + right);
    assertEquals(right, flags.value());
    assertEquals(
        List.of(
            "XLA_FLAGS: TensorFlow's XLA computes soft caps wrongly with %s; ignored for TensorFlow"
                .formatted(wrong)),
        flags.warnings());
  }

  @Test
  void readsTheFileThatIsNamedInstead() throws IOException {
    Path file = Files.writeString(folder.resolve("flags"), "--xla_dump_to=/x\n--xla_new\n");
    assertEquals(
        new XlaFlags(
            XLA_FLAGS, List.of("--xla_dump_to=/x"), List.of("--xla_new"), List.of(), List.of()),
        XlaFlags.of(XLA_FLAGS, file.toString()));
    String missing = folder.resolve("missing").toString();
    assertEquals(List.of(missing), XlaFlags.of(XLA_FLAGS, missing).unknown());
    assertEquals(List.of(), XlaFlags.of(XLA_FLAGS, null).unknown());
  }

  /** A program of XLA's, compiled under a foreign flag, or a flag's value that can't be read. */
  static final class Child {
    public static void main(String[] arguments) {
      NativeRuntime.ensure();
      if (arguments.length > 0) ProcessEnvironment.set(arguments[0], arguments[1]);
      try (Trace trace = new Trace("f")) {
        TensorShape shape = TensorShape.of(2);
        trace.result("y", trace.ops().math.tanh(trace.argument("x", TFloat32.class, shape)));
        try (Executable fused = new FusedPath().load(List.of(trace.finish()))) {
          fused.run("f", Map.of("x", HostTensor.zeros(ElementType.F32, shape))).close();
        }
      }
      System.exit(0);
    }
  }

  @Test
  void foreignFlagsDoNotAbort() throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    ProcessBuilder child = JavaProcess.of(Child.class, List.of(), List.of(), log);
    child
        .environment()
        .put(
            "XLA_FLAGS",
            "--xla_tpu_new=true --xla_cpu_enable_fast_math=perhaps --xla_cpu_fast_math_honor_nans=false");
    child.environment().put("TF_XLA_FLAGS", "--tf_xla_new");
    assertEquals(0, child.start().waitFor(), () -> read(log));
  }

  /**
   * The lists in the resources are those of this TensorFlow: it prints them when a value is bad.
   */
  @ParameterizedTest
  @CsvSource({
    "XLA_FLAGS, --xla_backend_optimization_level=x",
    "TF_XLA_FLAGS, --tf_xla_min_cluster_size=x"
  })
  void theListsAreTensorFlowsOwn(String variable, String bad)
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    JavaProcess.of(Child.class, List.of("-XX:-CreateCoredumpOnCrash"), List.of(variable, bad), log)
        .directory(folder.toFile())
        .start()
        .waitFor();
    String usage = read(log);
    assertTrue(usage.contains("Flag parsing failed"), usage);
    assertEquals(
        Pattern.compile("^\\t--(\\w+)=.*?\\t(\\w+)\\t", Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(usage)
            .results()
            .collect(Collectors.toMap(flag -> flag.group(1), flag -> flag.group(2))),
        XlaFlags.types(variable));
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
