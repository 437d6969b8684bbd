package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.distill.TeacherFile;
import io.gemlab.experiments.distill.TeacherFileWriter;
import io.gemlab.graph.base.text.ByteTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TeacherCommandTest {
  @TempDir private Path folder;
  private Path checkpoint;
  private Path recipe;
  private Path out;

  @BeforeEach
  void write() throws IOException {
    checkpoint = SmallModel.checkpoint(folder);
    Files.writeString(checkpoint.resolve("tokenizer.json"), ByteTokenizer.json());
    Path text = Files.writeString(folder.resolve("text.txt"), "To be, or not to be. ".repeat(20));
    recipe =
        Files.writeString(
            folder.resolve("recipe.yaml"),
            """
            preset: tiny
            training: {corpus: %s, batch: 4, length: 16, loss_pieces: 2}
            samples: {prompts: []}
            """
                .formatted(text));
    out = folder.resolve("teacher.safetensors");
  }

  private Gemlab teacher(Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of("teacher", "--checkpoint", checkpoint, "--data", recipe, "--dtype", "float32"));
    arguments.addAll(List.of("--path", "graph", "--out", out));
    arguments.addAll(List.of(more));
    return Gemlab.run(arguments.toArray());
  }

  @Test
  void writesTheFileAndSaysItsSizeBeforehand() throws IOException {
    Gemlab run = teacher("--top-k", 8);
    assertEquals(0, run.exitCode(), run.err());
    try (TeacherFile file = TeacherFile.open(out)) {
      assertEquals(8, file.header().topK());
      assertEquals("float32, quantization none", file.header().computed());
      assertTrue(
          run.err()
              .contains(
                  "%s: %d rows of 16 positions, 8 tokens each: "
                      .formatted(out, file.header().rows())),
          run.err());
      assertTrue(run.out().contains("rows, teacher " + file.header().teacherSha256()), run.out());
      // 8 of 260 tokens that an untrained model finds about as likely as any other.
      assertTrue(run.out().contains("left out: 0.9"), run.out());
    }
  }

  /** What products it began with is kept beside the file, and counts when it is gone on with. */
  @Test
  void itsResumptionUsesTheProductsThatItBeganWith() throws IOException {
    Gemlab begun = teacher("--top-k", 4, "--products", "transposed");
    assertEquals(0, begun.exitCode(), begun.err());
    assertTrue(begun.err().contains("ran on the graph path"), begun.err());
    byte[] whole = Files.readAllBytes(out);
    Path record = folder.resolve("teacher.safetensors.products.json");
    String chosen = Files.readString(record);
    assertTrue(chosen.contains("\"products\" : \"transposed\""), chosen);

    Files.move(out, TeacherFileWriter.partial(out));
    refused(
        "was begun with products transposed and not widened",
        "--top-k",
        4,
        "--resume",
        "--products",
        "widened");
    byte[] half = Arrays.copyOf(whole, whole.length - 100);
    Files.write(TeacherFileWriter.partial(out), half);
    Gemlab resumed = teacher("--top-k", 4, "--resume");
    assertEquals(0, resumed.exitCode(), resumed.err());
    assertArrayEquals(whole, Files.readAllBytes(out));
    assertEquals(chosen, Files.readString(record));
  }

  @Test
  void wrongInputIsOneLineAndLeavesNothing() throws IOException {
    refused("top-k is 0, and the teacher's vocabulary has 260 tokens", "--top-k", 0);
    refused("temperature is 0.0; give a finite number", "--top-k", 4, "--temperature", 0);
    refused("is not there: nothing to resume", "--top-k", 4, "--resume");
    refused(
        "has max_position_embeddings 1024; give training.length: 1024 or less",
        "--top-k",
        4,
        "--set",
        "training.length=2000");
    Files.writeString(checkpoint.resolve("tokenizer.json"), ByteTokenizer.json() + "\n");
    refused("tokenizer_sha256", "--top-k", 4);
    Files.delete(checkpoint.resolve("tokenizer.json"));
    refused("has neither a tokenizer.json nor a tokenizer.model", "--top-k", 4);
  }

  private void refused(String reason, Object... arguments) {
    Gemlab run = teacher(arguments);
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(reason), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertFalse(Files.exists(out));
  }
}
