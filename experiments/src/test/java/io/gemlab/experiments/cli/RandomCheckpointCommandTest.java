package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.EndTokens;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.weights.ModelWeights;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code gemlab random-checkpoint}. */
class RandomCheckpointCommandTest {
  private static final Path TOKENIZER = GoldenFiles.of("tokenizer/tokenizer_tiny.model");

  @TempDir Path folder;

  @Test
  void writesWhatAModelOfTheSeedBeginsWith() {
    Gemma2Config tiny = Gemma2Presets.config("tiny");
    Path out = folder.resolve("tiny");
    Gemlab run =
        Gemlab.run(
            "random-checkpoint",
            "--preset",
            "tiny",
            "--dtype",
            "float32",
            "--seed",
            5,
            "--out",
            out);
    assertEquals(0, run.exitCode(), run.err());
    try (HfCheckpoint written = HfCheckpoint.open(out);
        Arena arena = Arena.ofConfined()) {
      assertEquals(tiny, ConfigJson.read(written.files().config(), "written"));
      assertEquals(
          tiny.tokens().eos(), EndTokens.of(written.files(), written.folder(), tiny).ids());
      written.requireExactly(WeightSpec.shapes(tiny));
      for (WeightSpec weight : WeightSpec.of(tiny)) {
        HostTensor read = HostTensor.zeros(ElementType.F32, weight.shape(), arena);
        written.readFloat32(weight.name(), read.data());
        HostTensor fresh = ModelWeights.fresh(weight, 5, arena);
        assertEquals(-1, fresh.data().mismatch(read.data()), weight.name());
      }
    }
  }

  @Test
  void generatesWithTheTokenizerGiven() throws IOException {
    Path out = folder.resolve("speaking");
    Gemlab run =
        Gemlab.run(
            "random-checkpoint",
            "--preset",
            "tiny",
            "--vocab-size",
            512,
            "--tokenizer",
            TOKENIZER,
            "--dtype",
            "bf16",
            "--out",
            out);
    assertEquals(0, run.exitCode(), run.err());
    try (HfCheckpoint written = HfCheckpoint.open(out)) {
      assertTrue(
          written.tensors().values().stream().allMatch(info -> info.type() == ElementType.BF16));
    }
    Gemlab text =
        Gemlab.run(
            "generate",
            "--checkpoint",
            out,
            "--prompt",
            "the king",
            "--max-new-tokens",
            4,
            "--path",
            "graph");
    assertEquals(0, text.exitCode(), text.err());
    assertFalse(text.out().isBlank());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--preset gemma2-3b --out OUT | preset \"gemma2-3b\" is not known",
        "--preset tiny --tokenizer TOKENIZER --out OUT | has 512 tokens and the model 260; give --vocab-size 512",
        "--preset tiny --vocab-size 2 --out OUT | --vocab-size is 2, but there is a special token",
        "--preset tiny --vocab-size -2 --out OUT | vocab_size is -2",
        "--preset tiny --dtype int8 --out OUT | dtype \"int8\" is not known",
        "--preset tiny --out FOLDER | already holds mine.txt",
        "--preset tiny --config x --out OUT | mutually exclusive"
      })
  void refusesInOneLine(String flags, String message) throws IOException {
    Files.writeString(folder.resolve("mine.txt"), "keep");
    Path out = folder.resolve("never");
    String line =
        "random-checkpoint "
            + flags
                .replace("TOKENIZER", TOKENIZER.toString())
                .replace("FOLDER", folder.toString())
                .replace("OUT", out.toString());
    Gemlab run = Gemlab.run((Object[]) line.split(" "));
    assertEquals(2, run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(message), run.err());
    assertFalse(Files.exists(out));
  }

  private Path config() throws IOException {
    ObjectNode json = Gemma2Presets.json("tiny").put("vocab_size", 512);
    return Files.writeString(folder.resolve("config.json"), json.toString());
  }
}
