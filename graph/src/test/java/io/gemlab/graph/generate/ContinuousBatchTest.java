package io.gemlab.graph.generate;

import static io.gemlab.graph.TestFiles.golden;
import static io.gemlab.graph.TestFiles.resource;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.decode.FinishReason;
import io.gemlab.graph.decode.GeneratedTokens;
import io.gemlab.graph.decode.Sampling;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.ops.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows that come and go over the golden checkpoint, whose window is 8. */
@Timeout(120)
class ContinuousBatchTest {
  private static final GenerationOptions LONG =
      GenerationOptions.defaults().withMaxNewTokens(100).ignoringEos();

  @TempDir static Path folder;

  @BeforeAll
  static void copy() throws IOException {
    try (Stream<Path> files = Files.list(golden("ckpt_f32"))) {
      for (Path file : files.toList()) Files.copy(file, folder.resolve(file.getFileName()));
    }
    Files.copy(resource("tokenizer/tokenizer_tiny.model"), folder.resolve("tokenizer.model"));
  }

  private static Gemma2 load(ExecutionPath path) {
    return Gemma2.load(
        folder, LoadOptions.defaults().withPrecision(Precision.FLOAT32).withPath(path));
  }

  /** A prompt of 1 to 41 tokens, greedy or drawn, of 3 to 30 new tokens. */
  private static List<ContinuousBatch.Asked> asked(Gemma2 gemma, int count) {
    Random random = new Random(11);
    List<ContinuousBatch.Asked> asked = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] ids = random.ints(1 + i * 7 % 41, 4, 512).toArray();
      Sampling sampling = i % 3 == 1 ? new Sampling(1.5, 40, 0.9, i) : Sampling.greedy();
      GenerationOptions options =
          GenerationOptions.defaults()
              .withMaxNewTokens(3 + i * 5 % 28)
              .withSampling(sampling)
              .withLogProbabilities();
      asked.add(new ContinuousBatch.Asked(gemma.encode(Prompt.ids(ids)), options));
    }
    return asked;
  }

  private static GeneratedTokens alone(Gemma2 gemma, ContinuousBatch.Asked asked) {
    return gemma.generate(Prompt.ids(asked.prompt().ids()), asked.options()).tokens();
  }

  private static void assertSame(GeneratedTokens expected, GeneratedTokens got) {
    assertArrayEquals(expected.ids(), got.ids());
    assertEquals(expected.finish(), got.finish());
    assertArrayEquals(expected.logProbabilities(), got.logProbabilities(), 1e-4f);
    assertArrayEquals(expected.likeliest(), got.likeliest());
    assertArrayEquals(expected.likeliestLogProbabilities(), got.likeliestLogProbabilities(), 1e-4f);
  }

  static List<ExecutionPath> paths() {
    return List.of(new GraphPath(), new ClusteredPath(), new FusedPath(), new EagerPath());
  }

  /** Two slots for five greedy rows: each slot has several, one after the other. */
  @ParameterizedTest
  @MethodSource("paths")
  void rowsAreAsIfAloneOnEveryPath(ExecutionPath path) {
    try (Gemma2 gemma = load(path);
        ContinuousBatch batch = gemma.continuousBatch(2, 64, 100)) {
      List<ContinuousBatch.Asked> asked =
          asked(gemma, 7).stream().filter(one -> one.options().sampling().isGreedy()).toList();
      List<Generation> answers = batch.start(asked);
      for (int i = 0; i < asked.size(); i++) {
        assertSame(alone(gemma, asked.get(i)), answers.get(i).join().tokens());
      }
      assertEquals(0, batch.active());
    }
  }

  /** They come from several threads, while others are under way and texts are scored. */
  @Test
  void rowsJoinThoseUnderWay() throws Exception {
    try (Gemma2 gemma = load(new GraphPath());
        ContinuousBatch batch = gemma.continuousBatch(5, 80, 100);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<ContinuousBatch.Asked> asked = asked(gemma, 40);
      List<Future<GeneratedTokens>> answers = new ArrayList<>();
      for (ContinuousBatch.Asked one : asked) {
        answers.add(threads.submit(() -> batch.start(List.of(one)).getFirst().join().tokens()));
      }
      gemma.logProbabilities(Prompt.ids(IntStream.range(4, 60).toArray()));
      for (int i = 0; i < asked.size(); i++) {
        assertSame(alone(gemma, asked.get(i)), answers.get(i).get());
      }
      // Chunks of 16, 32, 64 and 80 tokens, a copy, and two programs for 1, 2, 4 and 5 rows.
      assertEquals(4 + 1 + 2 * 4, batch.mostPrograms());
      assertTrue(batch.programs() <= batch.mostPrograms(), "programs: " + batch.programs());
    }
  }

  @Test
  void piecesComeAsTheyAreGenerated() {
    try (Gemma2 gemma = load(new GraphPath());
        ContinuousBatch batch = gemma.continuousBatch(2, 64, 10)) {
      Prompt prompt = Prompt.text("the king of the sea");
      GenerationOptions options =
          GenerationOptions.defaults().withMaxNewTokens(20).withSampling(new Sampling(3, 0, 1, 7));
      Answer alone = gemma.generate(prompt, options);
      ContinuousBatch.Asked asked = new ContinuousBatch.Asked(gemma.encode(prompt), options);
      assertEquals(alone.text(), batch.start(List.of(asked)).getFirst().join().text());
      try (Stream<String> pieces = batch.start(List.of(asked)).getFirst().stream()) {
        assertEquals(alone.text(), String.join("", pieces.toList()));
      }
    }
  }

  @Test
  void whoLeavesFreesTheSlotAndTheQueueIsBounded() {
    try (Gemma2 gemma = load(new GraphPath());
        ContinuousBatch batch = gemma.continuousBatch(1, 128, 2)) {
      ContinuousBatch.Asked asked =
          new ContinuousBatch.Asked(gemma.encode(Prompt.ids(2, 10, 11)), LONG);
      Generation first = batch.start(List.of(asked)).getFirst();
      first.stream().iterator().next(); // it has the slot
      List<Generation> waiting = batch.start(Collections.nCopies(2, asked));
      assertThrows(QueueFullException.class, () -> batch.start(List.of(asked)));
      waiting.getFirst().cancel();
      Generation third = batch.start(List.of(asked)).getFirst();
      assertEquals(FinishReason.CANCELLED, waiting.getFirst().join().tokens().finish());
      first.cancel();
      assertEquals(FinishReason.CANCELLED, first.join().tokens().finish());
      int[] whole = waiting.getLast().join().tokens().ids();
      assertEquals(100, whole.length);
      assertArrayEquals(whole, third.join().tokens().ids());
    }
  }

  @Test
  void closingEndsWhatIsUnderWay() {
    try (Gemma2 gemma = load(new GraphPath())) {
      ContinuousBatch batch = gemma.continuousBatch(1, 128, 10);
      ContinuousBatch.Asked asked =
          new ContinuousBatch.Asked(gemma.encode(Prompt.ids(2, 10, 11)), LONG);
      List<Generation> answers = batch.start(Collections.nCopies(3, asked));
      batch.close();
      for (Generation answer : answers) {
        assertEquals(FinishReason.CANCELLED, answer.join().tokens().finish());
      }
      assertThrows(IllegalStateException.class, () -> batch.start(List.of(asked)));
      assertTrue(gemma.generate(Prompt.ids(2, 10, 11), LONG).tokens().ids().length == 100);
    }
  }

  @Test
  void anAnswerEndsWhereItsRowIsFull() {
    try (Gemma2 gemma = load(new GraphPath());
        ContinuousBatch batch = gemma.continuousBatch(2, 20, 10)) {
      int[] prompt = IntStream.range(4, 20).toArray();
      EncodedPrompt encoded = gemma.encode(Prompt.ids(prompt));
      GeneratedTokens tokens =
          batch.start(List.of(new ContinuousBatch.Asked(encoded, LONG))).getFirst().join().tokens();
      assertEquals(20 - 16 + 1, tokens.ids().length);
      assertEquals(FinishReason.CONTEXT, tokens.finish());
      EncodedPrompt longer = gemma.encode(Prompt.ids(IntStream.range(4, 25).toArray()));
      assertThrows(InvalidInput.class, () -> batch.check(longer));
      assertThrows(InvalidInput.class, () -> batch.check(gemma.encode(Prompt.ids(600))));
      assertThrows(InvalidInput.class, () -> batch.check(gemma.encode(Prompt.ids())));
    }
  }
}
