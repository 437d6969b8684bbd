package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.gemma2.Gemma2Presets;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.tensor.TensorSpec;
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
        "--target v5e:1x1 | give either --preset or --config",
        "--preset tiny --config x.json --target v5e:1x1 | give either --preset or --config",
        "--config /nowhere/config.json --target v5e:1x1 | does not exist",
        "--preset tiny --target v5e:1x1x1 | a v5e slice has 2 sides",
        "--preset tiny --target v5e:4x4 | meshes are not there yet",
        "--preset tiny --target v5e:1x1 --mesh data=2 | --mesh \"data=2\" is not there yet",
        "--preset tiny --target v5e:1x1 --layers rolled | layers \"rolled\" is unknown",
        "--preset tiny --target v5e:1x1 --remat none | choose remat layer, or unrolled layers",
        "--preset tiny --target v5e:1x1 --bundle /no/where/b | there is no folder",
        "--preset tiny --target v5e:1x1 --program decode | is not there yet",
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
    // Two moments for each weight: 0.00379 GiB of float32 weights.
    assertTrue(report.contains("| weights | 0.00379 | 0.00379 |"), report);
    assertTrue(report.contains("| optimizer state | 0.00759 | 0.00759 |"), report);
    assertTrue(Files.exists(folder.resolve("out/report.html")));
    assertTrue(Files.exists(folder.resolve("out/report.json")));
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
        bundle.signature().arguments().stream().map(TensorSpec::name).collect(Collectors.toSet()));
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
