package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.decode.GenerationMemory;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.attention.EagerAttention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.types.TBfloat16;

class MemoryCommandTest {
  @Test
  void bytesAreThoseOfTheParametersAndTheWindow() {
    Gemma2Config config = Gemma2Presets.config("tiny");
    GenerationMemory dense = memory(config, Quantization.NONE);
    assertEquals(2 * WeightSpec.parameters(config), dense.weights());
    long perPosition = 2L * 2 * config.numKeyValueHeads() * config.headDim();
    assertEquals(perPosition * 2 * (64 + 1024), dense.cache());
    assertEquals(perPosition * 4 * 1024, dense.cacheWithoutRings());

    GenerationMemory int8 = memory(config, Quantization.INT8);
    assertEquals(260 * (128 + 2), int8.embedding());
    GenerationMemory w8a8 = memory(config, Quantization.W8A8);
    assertEquals(2 * int8.embedding(), w8a8.embedding());
    assertEquals(int8.layers(), w8a8.layers());
    GenerationMemory int4 = memory(config, Quantization.INT4);
    assertEquals(260 * (64 + 2 * 128 / 32), int4.embedding());
    assertEquals(2 * int4.embedding(), memory(config, Quantization.W4A8).embedding());
    assertEquals(dense.cache(), int4.cache());
  }

  @Test
  void aLengthBeyondTheContextIsRefused() {
    Gemlab refused = Gemlab.run("memory", "--preset", "tiny", "--length", "4096");
    assertEquals(2, refused.exitCode());
    assertEquals(
        "gemlab: --length is 4096; tiny has positions for 1 to 1024", refused.err().strip());
  }

  @Test
  void aSmallModelHasItsOwnContextAndItsOwnUnit() {
    Gemlab shown = Gemlab.run("memory", "--preset", "tiny", "--dtype", "bf16");
    assertEquals(0, shown.exitCode(), shown.err());
    List<String> lines = shown.out().lines().toList();
    assertTrue(
        lines.getFirst().startsWith("| MB (10^6 bytes), 1 row | positions "), lines::toString);
    assertTrue(lines.get(2).startsWith("| tiny bfloat16 | 1024 | 0.07 | 1.97 | "), lines::toString);
  }

  @Test
  void largeModelsAreInGigabytes() {
    Gemlab shown = Gemlab.run("memory", "--preset", "gemma2-2b");
    assertEquals(0, shown.exitCode(), shown.err());
    assertTrue(shown.out().contains("| gemma2-2b bfloat16 | 8192 | 1.18 | "), shown.out());
  }

  @Test
  void takesAConfigInPlaceOfAPreset(@TempDir Path folder) throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("config.json"), Gemma2Presets.json("tiny").toPrettyString());
    Gemlab shown = Gemlab.run("memory", "--config", config);
    assertEquals(0, shown.exitCode(), shown.err());
    assertTrue(shown.out().contains("config.json int4 | 1024 |"), shown.out());
    Gemlab both = Gemlab.run("memory", "--config", config, "--preset", "tiny");
    assertEquals(2, both.exitCode(), both.err());
  }

  private static GenerationMemory memory(Gemma2Config config, Quantization quantization) {
    OpChoice choice = OpChoice.of(new EagerAttention());
    return GenerationMemory.of(
        new Gemma2Model<>(config, choice, TBfloat16.class, quantization), 1, 1024);
  }
}
