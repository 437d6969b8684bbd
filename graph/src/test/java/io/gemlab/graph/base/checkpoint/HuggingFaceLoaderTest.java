package io.gemlab.graph.base.checkpoint;

import static io.gemlab.graph.TestFiles.golden;
import static io.gemlab.graph.TestFiles.resource;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.config.ConfigJson;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What we write, configuration and weights, Hugging Face's own loaders read. */
@Tag("slow")
class HuggingFaceLoaderTest {
  private static final String PYTHON = "GEMLAB_PYTHON";

  @TempDir Path parent;

  /**
   * The float32 tolerance is for another thread count than the oracle's. The others only catch a
   * grossly wrong model: rounding all weights moves logits of up to 22 by this much; that they are
   * rounded right is compared bit by bit.
   */
  @ParameterizedTest
  @CsvSource({
    "ckpt_f32, A, F32, float32, 1000000000, 1e-3",
    "ckpt_f32, A, F32, float32, 250000, 1e-3",
    "ckpt_f32, A, BF16, bfloat16, 100000, 1",
    "ckpt_f32, A, F16, float16, 1000000000, 0.2",
    "ckpt_gemma3, G, F32, float32, 1000000000, 1e-3"
  })
  void readsWhatWeWrite(
      String folder,
      String variant,
      ElementType type,
      String torchType,
      long maxShardBytes,
      double tolerance)
      throws IOException, InterruptedException {
    String python = System.getenv(PYTHON);
    String skipped =
        "Not proved: that Hugging Face's loader reads our checkpoints. Set %s to a Python with"
                .formatted(PYTHON)
            + " torch, transformers, safetensors and numpy.";
    if (python == null) System.out.println(skipped);
    assumeTrue(python != null, skipped);

    Path written = parent.resolve("written");
    int tensors;
    try (HfCheckpoint golden = HfCheckpoint.open(golden(folder))) {
      tensors = golden.tensors().size();
      ObjectNode config = ConfigJson.write(ConfigJson.read(golden.files().config(), folder));
      HfCheckpointWriter.write(
          written,
          CheckpointFiles.of(config),
          HfCheckpointWriterTest.weights(golden, type),
          maxShardBytes);
    }
    ProcessBuilder builder =
        new ProcessBuilder(
            python,
            resource("python/load_checkpoint.py").toString(),
            written.toString(),
            golden(folder).toString(),
            golden(variant + ".safetensors").toString(),
            torchType,
            Double.toString(tolerance));
    builder.environment().put("HF_HUB_OFFLINE", "1");
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), output);
    String last = output.lines().reduce("", (_, line) -> line);
    assertTrue(last.startsWith("loaded " + tensors + " tensors"), output);
    System.out.println(last);
  }
}
