package com.example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.graph.generate.Gemma2;
import io.gemlab.graph.generate.GenerationOptions;
import io.gemlab.graph.generate.Prompt;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What a project outside does with Gemlab, with the classes and versions that it was installed
 * with.
 */
class GenerateTest {
  @Test
  void generates() {
    try (Gemma2 gemma = Gemma2.load(Path.of(System.getProperty("gemlab.checkpoint")))) {
      Prompt prompt = Prompt.ids(2, 383, 78, 15, 317, 128, 66, 244, 248, 154, 88, 29);
      int[] tokens =
          gemma.generate(prompt, GenerationOptions.defaults().withMaxNewTokens(3)).tokens().ids();
      assertArrayEquals(new int[] {29, 29, 29}, tokens, "what Hugging Face generates");
      assertEquals(Optional.empty(), gemma.kernels().orElseThrow().refusal(), "kernels are used");
    }
  }
}
