package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.GoldenFiles;
import io.gemlab.experiments.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** transformers loads what {@code gemlab merge} writes, and its logits are ours. */
@Tag("slow")
class MergedInTransformersTest {
  private static final double TOLERANCE = 1e-3;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "linear",
        "nuslerp_base",
        "karcher",
        "ties_rescaled",
        "sce_select",
        "della",
        "ties_bf16",
        "passthrough_slices"
      })
  void loadsAndComputesTheSame(String recipe) throws IOException, InterruptedException {
    Python python = python();
    Path golden = GoldenFiles.of("golden/merge-small");
    Path file = golden.resolve(recipe + ".yaml");
    if (!Files.exists(file)) file = GoldenFiles.of("golden/merge/" + recipe + ".yaml");
    Path merged = folder.resolve("merged");
    assertEquals(0, Gemlab.run("merge", file, merged).exitCode());
    assertComputesTheSame(python, merged);
  }

  @Test
  void loadsEveryPointOfAFront() throws IOException, InterruptedException {
    Python python = python();
    Path recipe =
        Files.writeString(
            folder.resolve("warp.yml"),
            """
            merge_method: warp
            base_model: %1$s/base
            models: [{model: %1$s/ft1}, {model: %1$s/ft2}, {model: %1$s/ft3}]
            parameters: {eta: [0, 0.3, 1]}
            out_dtype: bfloat16
            """
                .formatted(GoldenFiles.of("golden/merge-small")));
    Path front = folder.resolve("front");
    assertEquals(0, Gemlab.run("merge", recipe, front).exitCode());
    for (String point : new String[] {"eta-0", "eta-0.3", "eta-1"}) {
      assertComputesTheSame(python, front.resolve(point));
    }
  }

  private static Python python() {
    return Python.require(
        "that transformers loads merged models", "torch, transformers and safetensors");
  }

  private void assertComputesTheSame(Python python, Path merged)
      throws IOException, InterruptedException {
    Path ids =
        Files.writeString(
            folder.resolve("ids.json"), "{\"input_ids\": [[2, 5, 6, 61, 7, 9, 3, 33, 12]]}");
    Path logits = folder.resolve("logits.safetensors");
    Gemlab ours =
        Gemlab.run(
            "logits", "--checkpoint", merged, "--ids", ids, "--out", logits, "--path", "graph");
    assertEquals(0, ours.exitCode(), ours.err());
    String difference = python.run(GoldenFiles.of("python/merged_logits.py"), merged, ids, logits);
    assertTrue(Double.parseDouble(difference) <= TOLERANCE, merged + " differs by " + difference);
  }
}
