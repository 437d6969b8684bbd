package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.tpu.bundle.Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompileCommandTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--preset tyny --target v5e:1x1 | did you mean tiny?",
        "--target v5e:1x1 | Missing required argument (specify one of these)",
        "--preset tiny --config x.json --target v5e:1x1 | are mutually exclusive",
        "--config /nowhere/config.json --target v5e:1x1 | does not exist",
        "--preset tiny --target v5e:1x1x1 | has no shape of 2 numbers",
        "--preset tiny --target v5e:1x1 --layers rolled | layers \"rolled\" is not known",
        "--preset tiny --target v5e:1x1 --remat none | choose remat layer, or unrolled layers",
        "--preset tiny --target v5e:1x1 --mesh data=2 | takes 2 devices and there are 1; the nearest",
        "--preset gemma2-9b --target v5e:4x8 --mesh data=2,model=16"
            + " | model=16 can't share out num_key_value_heads, 8, evenly; the nearest mesh that works"
            + " on 32 is data=4,fsdp=1,model=8",
        "--preset tiny --target v5e:2x2 --batch 3 --mesh data=4"
            + " | data=4,fsdp=1 can't share out the rows of the batch, 3, evenly",
        "--preset tiny --target v5e:2x2 --mesh tensor=4 | can't be read at \"tensor\"",
        "--preset tiny --target h200:12 | give 1 to 8, or a multiple of 8",
        "--preset tiny --target v5e:1x1 --program decode --attention blockwise | give --attention eager",
        "--preset tiny --target v5e:1x1 --program decode --layers scanned | give --layers unrolled",
        "--preset tiny --target v5e:1x1 --bundle /no/where/b | there is no folder",
        "--preset tiny --target v5e:1x1 --attention eager --block 64 | --block cuts blockwise",
        "--preset tiny --target v5e:1x1 --block 0 | give a whole number above 0",
        "--preset tiny --target v5e:1x1 --program trian | did you mean train?",
        "--preset tiny --target v5e:1x1 --batch 0 | give a whole number above 0",
        "--preset tiny --target v5e:1x1 --length 9999999 --batch 9999 | more tokens than",
        "--preset tiny --target v5e:1x1 --softcap maybe | give on or off",
        "--preset tiny --target v5e:1x1 --attention sdpa | --allow-deviation",
        "--preset tiny --target v5e:1x1 --compare attention | give an axis and its values",
        "--preset tiny --target v5e:1x1 --compare atention=eager,sdpa | did you mean attention?",
        "--preset tiny --target v5e:1x1 --compare attention=eager,eager | different values",
        "--preset tiny --target v5e:1x1 --compare batch=1,2 --find | can't go together",
        "--preset tiny --target v5e:1x1 --plugin /nowhere/libtpu.so | pip install libtpu",
      })
  void whatCanNotBeDoneIsOneLineAndCode2(String line, String reason) {
    Gemlab refused = compile(line.strip());
    assertEquals(2, refused.exitCode(), refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(refused.err().contains(reason), refused.err());
    assertFalse(Files.exists(folder.resolve("out")), "nothing is left behind");
  }

  @Test
  void fileThatIsNoPluginIsOneLineAndCode2() throws IOException {
    Path text = Files.writeString(folder.resolve("plugin.so"), "no library");
    Gemlab refused =
        compile("--preset tiny --length 16 --target v5e:1x1 --program prefill --plugin " + text);
    assertEquals(2, refused.exitCode(), refused.err());
    assertTrue(refused.err().contains("can't be loaded"), refused.err());
    assertFalse(Files.exists(folder.resolve("out")), "nothing is left behind");
  }

  @Test
  @Tag("tpu")
  void tinyTrainingStepFitsAndIsReported() throws IOException {
    Gemlab compiled = compile("--preset tiny --length 128 --attention eager --target v5e:1x1");
    assertEquals(0, compiled.exitCode(), compiled.err());
    assertTrue(compiled.out().startsWith("tiny train fits: "), compiled.out());
    String report = Files.readString(folder.resolve("out/report.md"));
    // Two moments for each weight: 3.89 MiB of float32 weights.
    assertTrue(report.contains("| weights | 3.89 | 3.89 |"), report);
    assertTrue(report.contains("| optimizer state | 7.77 | 7.77 |"), report);
    assertTrue(Files.exists(folder.resolve("out/report.html")));
    assertTrue(Files.exists(folder.resolve("out/report.json")));
  }

  @Test
  @Tag("tpu")
  void trainingStepOnAMeshSaysWhatItsDevicesExchange() throws IOException {
    Gemlab compiled =
        compile("--preset tiny --length 128 --target v5e:2x4 --mesh data=2,fsdp=2,model=2");
    assertEquals(0, compiled.exitCode(), compiled.err());
    String report = Files.readString(folder.resolve("out/report.md"));
    for (String row :
        List.of("| all-reduce | model |", "| all-gather | fsdp |", "| all-gather | data |")) {
      assertTrue(report.contains(row), report);
    }
  }

  @Test
  @Tag("tpu")
  void decodeKeepsItsCacheOnTheDevices() throws IOException {
    Gemlab compiled =
        compile(
            "--preset tiny --program decode --length 256 --target v5e:2x2 --mesh data=2,model=2");
    assertEquals(0, compiled.exitCode(), compiled.err());
    String report = Files.readString(folder.resolve("out/report.md"));
    assertTrue(report.contains("| key-value cache | "), report);
  }

  /** libtpu makes this topology and aborts on it. */
  @Test
  @Tag("tpu")
  void abortOfTheCompilerIsOneLineAndCode1() {
    Gemlab aborted =
        compile("--preset tiny --program prefill --length 16 --target v5e:16x32 --mesh data=512");
    assertEquals(1, aborted.exitCode(), aborted.err());
    String answer = aborted.out().lines().findFirst().orElseThrow();
    assertTrue(answer.contains("was not compiled: the compiler"), answer);
    assertTrue(answer.contains("aborted (SIGABRT)"), answer);
  }

  @Test
  @Tag("tpu")
  void topologyThatThereIsNotIsOneLineAndCode2() {
    Gemlab refused = compile("--preset tiny --length 16 --target v5e:3x3 --mesh data=9");
    assertEquals(2, refused.exitCode(), refused.err());
    assertTrue(refused.err().contains("not divisible"), refused.err());
    assertFalse(Files.exists(folder.resolve("out")), "nothing is left behind");
  }

  @Test
  @Tag("tpu")
  void bundleHoldsTheProgram() {
    Path file = folder.resolve("tiny.bundle");
    Gemlab compiled =
        compile("--preset tiny --length 64 --attention eager --target v5e:1x1 --bundle " + file);
    assertEquals(0, compiled.exitCode(), compiled.err());
    assertTrue(compiled.out().contains("bundle: " + file), compiled.out());
    Bundle bundle = Bundle.read(file);
    assertEquals("train", bundle.about().program());
    assertEquals("v5e:1x1", bundle.about().compiledFor());
    assertEquals(
        Set.of("input_ids", "positions", "labels"),
        bundle.programs().getFirst().signature().arguments().stream()
            .map(TensorSpec::name)
            .collect(Collectors.toSet()));
    Set<String> weights = new HashSet<>();
    bundle.weights().values().forEach(weights::addAll);
    assertEquals(WeightSpec.shapes(Gemma2Presets.config("tiny")).keySet(), weights);
  }

  @Test
  @Tag("tpu")
  void whatDoesNotFitIsCode1AndReported() throws IOException {
    Gemlab compiled =
        compile(
            "--preset tiny --program prefill --length 8192 --batch 64 --attention eager"
                + " --target v5e:1x1");
    assertEquals(1, compiled.exitCode(), compiled.err());
    assertTrue(compiled.out().startsWith("tiny prefill does not fit: it needs "), compiled.out());
    assertTrue(Files.exists(folder.resolve("out/report.html")));
  }

  private Gemlab compile(String line) {
    List<Object> words = new ArrayList<>(List.of("compile"));
    words.addAll(List.of(line.split(" ")));
    words.addAll(List.of("--out", folder.resolve("out")));
    return Gemlab.run(words.toArray());
  }
}
