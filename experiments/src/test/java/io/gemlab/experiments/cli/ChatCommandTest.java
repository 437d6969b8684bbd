package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code gemlab chat} in a process of its own, with real signals. */
@Timeout(120)
class ChatCommandTest {
  @TempDir static Path folder;
  private static Path checkpoint;

  /** A model with room for an answer that would last for minutes. */
  @BeforeAll
  static void write() throws IOException {
    ObjectNode json =
        Gemma2Presets.json("tiny").put("vocab_size", 512).put("max_position_embeddings", 100_000);
    Path config = Files.writeString(folder.resolve("config.json"), json.toString());
    checkpoint = folder.resolve("checkpoint");
    Path tokenizer = GoldenFiles.of("tokenizer/tokenizer_tiny.model");
    Gemlab run =
        Gemlab.run(
            "random-checkpoint", "--config", config, "--tokenizer", tokenizer, "--out", checkpoint);
    assertEquals(0, run.exitCode(), run.err());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void ctrlCEndsTheAnswerAndNotTheProgram() throws Exception {
    try (Chat chat = new Chat("--max-new-tokens", "90000", "--ignore-eos")) {
      for (int turn = 0; turn < 2; turn++) {
        chat.type("the king of the sea");
        chat.awaitText();
        chat.interrupt();
        chat.awaitError("(stopped)");
      }
      chat.type("/quit");
      assertEquals(0, chat.exitCode());
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void ctrlCWhileNothingIsAnsweredEndsTheProgram() throws Exception {
    try (Chat chat = new Chat()) {
      chat.awaitError("/help says");
      chat.interrupt();
      assertEquals(0, chat.exitCode());
    }
  }

  @Test
  void whatWasSaidCountsUntilReset() throws Exception {
    try (Chat chat = new Chat("--max-new-tokens", "12", "--ignore-eos", "--stats")) {
      List<String> answers = new ArrayList<>();
      for (String line : List.of("the king", "the king", "/reset", "the king")) {
        chat.type(line);
        if (!line.startsWith("/")) answers.add(chat.answer());
        if (answers.size() == 2 && !line.startsWith("/")) chat.awaitError("already in the cache");
      }
      chat.type("/what");
      chat.awaitError("there is no /what");
      chat.endOfInput();
      assertEquals(0, chat.exitCode());
      assertFalse(answers.get(0).equals(answers.get(1)), "the first turn is seen in the second");
      assertEquals(answers.get(0), answers.get(2));
    }
  }

  /** A template that can't be rendered ends the program before the first message. */
  @Test
  void aTemplateThatIsNotSupportedIsRefusedByName() throws IOException {
    Path own = Files.createDirectory(folder.resolve("own"));
    try (Stream<Path> files = Files.list(checkpoint)) {
      for (Path file : files.toList()) Files.copy(file, own.resolve(file.getFileName()));
    }
    Files.writeString(
        own.resolve("chat_template.jinja"), "{{ messages | map(attribute='role') | list }}");
    Gemlab run = Gemlab.run("chat", "--checkpoint", own, "--path", "graph");
    assertEquals(2, run.exitCode());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains("chat_template.jinja, line 1: the filter map"), run.err());
    assertEquals("", run.out());
  }

  @Test
  void aCheckpointWithoutTokenizerIsRefused() {
    Gemlab run = Gemlab.run("chat", "--checkpoint", GoldenFiles.of("golden/ckpt_f32"));
    assertEquals(2, run.exitCode());
    assertEquals(1, run.err().lines().count());
    assertTrue(run.err().contains("neither a tokenizer.json nor a tokenizer.model"), run.err());
  }

  private static final class Chat implements AutoCloseable {
    private final Process process;
    private final Writer in;
    private final BufferedReader out;
    private final Path errors = Files.createTempFile(folder, "errors", ".txt");
    private int seen;

    Chat(String... flags) throws IOException {
      List<String> arguments =
          new ArrayList<>(
              List.of("chat", "--checkpoint", checkpoint.toString(), "--path", "graph"));
      arguments.addAll(List.of(flags));
      List<String> quick = List.of("-XX:TieredStopAtLevel=1");
      ProcessBuilder builder = JavaProcess.of(Main.class, quick, arguments, errors);
      if (OS.LINUX.isCurrentOs()) {
        // A shell starts what it runs in the background deaf to the signal, and that is inherited.
        builder.command().addAll(0, List.of("env", "--default-signal=INT"));
      }
      process =
          builder
              .redirectErrorStream(false)
              .redirectOutput(ProcessBuilder.Redirect.PIPE)
              .redirectError(errors.toFile())
              .start();
      in = process.outputWriter(StandardCharsets.UTF_8);
      out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Types a line, once what was said before is read. */
    void type(String line) throws IOException {
      drain();
      in.write(line + "\n");
      in.flush();
    }

    void endOfInput() throws IOException {
      in.close();
    }

    /** Waits for the first character of an answer. */
    void awaitText() throws IOException {
      assertTrue(out.read() >= 0, () -> "the program ended: " + errors());
    }

    private String errors() {
      try {
        return Files.readString(errors);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The whole of an answer that is cut at its longest. */
    String answer() throws IOException, InterruptedException {
      StringBuilder text = new StringBuilder();
      text.append((char) out.read());
      awaitError("(cut;", text);
      drain(text);
      return text.toString();
    }

    /** Waits for a line of standard error, after those waited for before. */
    void awaitError(String text) throws IOException, InterruptedException {
      awaitError(text, new StringBuilder());
    }

    private void awaitError(String text, StringBuilder answer)
        throws IOException, InterruptedException {
      while (true) {
        String all = errors();
        int at = all.indexOf(text, seen);
        if (at >= 0) {
          seen = at + text.length();
          return;
        }
        assertTrue(process.isAlive(), "the program ended: " + all);
        drain(answer);
        Thread.sleep(20);
      }
    }

    void interrupt() throws IOException, InterruptedException {
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }

    int exitCode() throws IOException, InterruptedException {
      while (process.isAlive()) {
        drain();
        process.waitFor(20, TimeUnit.MILLISECONDS);
      }
      return process.exitValue();
    }

    private void drain() throws IOException {
      drain(new StringBuilder());
    }

    private void drain(StringBuilder target) throws IOException {
      while (out.ready()) target.append((char) out.read());
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
