package io.gemlab.experiments.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hugging Face's runtime runs the export with the script in it, and conforms. */
@Tag("slow")
class TransformersTest {
  private static final String PYTHON = "GEMLAB_PYTHON";

  @TempDir Path parent;

  @ParameterizedTest
  @ValueSource(strings = {"float32", "bfloat16"})
  void conforms(String dtype) throws IOException, InterruptedException {
    String python = System.getenv(PYTHON);
    String skipped =
        "Not proved: that Hugging Face agrees with the conformance vectors. Set "
            + PYTHON
            + " to a Python with torch, transformers and safetensors.";
    if (python == null) System.out.println(skipped);
    assumeTrue(python != null, skipped);

    Path vectors = parent.resolve("vectors");
    Export.write(vectors, List.of(Probe.values()));
    Path logits = parent.resolve("logits.safetensors");
    ProcessBuilder builder =
        new ProcessBuilder(
            python, vectors.resolve("run_transformers.py").toString(), logits.toString(), dtype);
    builder.environment().put("HF_HUB_OFFLINE", "1");
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), output);

    Map<Probe, Judgement> judgements = LogitsCheck.judge(logits, List.of(Probe.values()));
    assertEquals(Probe.values().length, judgements.size());
    judgements.forEach(
        (probe, judgement) -> {
          assertTrue(judgement.conforms(), probe + " " + judgement);
          if (!dtype.equals("float32")) return;
          assertTrue(judgement.largestDifference() <= 1e-3, probe + " " + judgement);
        });
  }
}
