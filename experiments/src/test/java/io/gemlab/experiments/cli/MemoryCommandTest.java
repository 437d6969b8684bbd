package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.graph.gemma2.Gemma2Config;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Gemma2Presets;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.generate.GenerationMemory;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.attention.EagerAttention;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
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
    GenerationMemory int4 = memory(config, Quantization.INT4);
    assertEquals(260 * (64 + 2 * 128 / 32), int4.embedding());
    assertEquals(dense.cache(), int4.cache());
  }

  @Test
  void aLengthBeyondTheContextIsRefused() {
    StringWriter err = new StringWriter();
    String[] arguments = {"memory", "--preset", "tiny", "--length", "4096"};
    assertEquals(
        2, Main.run(arguments, new PrintWriter(new StringWriter()), new PrintWriter(err, true)));
    assertEquals("gemlab: --length is 4096; give 1 to 1024", err.toString().strip());
  }

  private static GenerationMemory memory(Gemma2Config config, Quantization quantization) {
    OpChoice choice = OpChoice.of(new EagerAttention());
    return GenerationMemory.of(
        new Gemma2Model<>(config, choice, TBfloat16.class, quantization), 1, 1024);
  }
}
