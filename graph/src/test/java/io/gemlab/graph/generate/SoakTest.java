package io.gemlab.graph.generate;

import static io.gemlab.graph.TestFiles.golden;
import static io.gemlab.graph.TestFiles.resource;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.decode.FinishReason;
import io.gemlab.graph.decode.GeneratedTokens;
import io.gemlab.graph.decode.Sampling;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.ops.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * 500 generations of mixed lengths, batches and cancellations from several threads: every answer is
 * the one given alone, and memory does not grow.
 */
class SoakTest {
  private static final int GENERATIONS = 500;
  private static final int WARM_UP = 100;
  private static final int THREADS = 4;
  private static final Random RANDOM = new Random(17);
  private static final List<int[]> PROMPTS =
      IntStream.range(0, 12).mapToObj(i -> RANDOM.ints(1 + 5 * i, 4, 512).toArray()).toList();

  /** Of what is the same in every run of the machine's memory, this may be what is not. */
  private static final long NOISE = 48L << 20;

  @TempDir static Path folder;

  /**
   * @param prompts which, one or more
   * @param cancelAt the piece of the first row at which that is cancelled; 0 for never
   */
  private record Job(List<Integer> prompts, GenerationOptions options, int cancelAt) {}

  @Test
  void answersAreEqualToThoseGivenAloneAndMemoryIsFlat() throws Exception {
    LoadOptions options =
        LoadOptions.defaults().withPrecision(Precision.FLOAT32).withPath(new GraphPath());
    List<Job> jobs = IntStream.range(0, GENERATIONS).mapToObj(i -> job()).toList();
    copyCheckpoint();
    try (Gemma2 gemma = Gemma2.load(folder, options);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      Map<String, GeneratedTokens> alone = new HashMap<>();
      for (Job job : jobs) {
        for (int prompt : job.prompts()) {
          String key = prompt + " " + job.options();
          if (!alone.containsKey(key)) {
            Prompt ids = Prompt.ids(PROMPTS.get(prompt));
            alone.put(key, gemma.generate(ids, job.options()).tokens());
          }
        }
      }
      runAll(gemma, jobs.subList(0, WARM_UP), alone, threads);
      long before = rssAnon();
      runAll(gemma, jobs.subList(WARM_UP, GENERATIONS), alone, threads);
      long grown = rssAnon() - before;
      System.out.printf(
          "soak: RssAnon grew by %.1f MiB in %d generations%n",
          grown / 1048576.0, GENERATIONS - WARM_UP);
      assertTrue(grown < NOISE, "RssAnon grew by " + grown + " bytes");
    }
  }

  /** With a tokenizer beside it, so that answers come in pieces. */
  private static void copyCheckpoint() throws IOException {
    try (Stream<Path> files = Files.list(golden("ckpt_f32"))) {
      for (Path file : files.toList()) Files.copy(file, folder.resolve(file.getFileName()));
    }
    Files.copy(resource("tokenizer/tokenizer_tiny.model"), folder.resolve("tokenizer.model"));
  }

  private static Job job() {
    int rows = RANDOM.nextInt(3) == 0 ? 2 + RANDOM.nextInt(3) : 1;
    List<Integer> prompts =
        IntStream.range(0, rows).mapToObj(i -> RANDOM.nextInt(PROMPTS.size())).toList();
    Sampling sampling =
        rows > 1 || RANDOM.nextBoolean()
            ? Sampling.greedy()
            : new Sampling(2, RANDOM.nextInt(2) * 40, 0.9, RANDOM.nextInt(3));
    GenerationOptions options =
        GenerationOptions.defaults()
            .withMaxNewTokens(5 << RANDOM.nextInt(3))
            .withSampling(sampling)
            .ignoringEos()
            .withLogProbabilities();
    return new Job(prompts, options, RANDOM.nextInt(4) == 0 ? 1 + RANDOM.nextInt(6) : 0);
  }

  private static void runAll(
      Gemma2 gemma, List<Job> jobs, Map<String, GeneratedTokens> alone, ExecutorService threads)
      throws Exception {
    List<Future<?>> running = new ArrayList<>();
    for (Job job : jobs) running.add(threads.submit(() -> run(gemma, job, alone)));
    for (Future<?> future : running) future.get();
  }

  private static void run(Gemma2 gemma, Job job, Map<String, GeneratedTokens> alone) {
    List<Prompt> prompts =
        job.prompts().stream().map(prompt -> Prompt.ids(PROMPTS.get(prompt))).toList();
    List<Generation> generations = gemma.start(prompts, job.options());
    if (job.cancelAt() > 0) cancelAt(job.cancelAt(), generations.getFirst());
    for (int row = 0; row < prompts.size(); row++) {
      GeneratedTokens expected = alone.get(job.prompts().get(row) + " " + job.options());
      assertSame(expected, generations.get(row).join().tokens());
    }
  }

  /** Hears the pieces before one, and closes the stream; before the first: at once. */
  private static void cancelAt(int piece, Generation generation) {
    try (Stream<String> pieces = generation.stream()) {
      pieces.limit(piece - 1).forEach(heard -> {});
    }
  }

  /**
   * Equal, as far as it got if it was cancelled. In a batch products are rounded otherwise than
   * alone: after two tokens that are as good as equally likely, rows may go different ways.
   */
  private static void assertSame(GeneratedTokens expected, GeneratedTokens got) {
    int length = got.ids().length;
    int difference = Arrays.mismatch(Arrays.copyOf(expected.ids(), length), got.ids());
    if (difference >= 0) {
      assertEquals(
          expected.logProbabilities()[difference], got.logProbabilities()[difference], 1e-4);
      return;
    }
    if (got.finish() != FinishReason.CANCELLED) assertEquals(expected.ids().length, length);
    assertArrayEquals(
        Arrays.copyOf(expected.logProbabilities(), length), got.logProbabilities(), 2e-3f);
  }

  private static long rssAnon() throws IOException {
    System.gc();
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      String line = lines.filter(text -> text.startsWith("RssAnon")).findFirst().orElseThrow();
      return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
    }
  }
}
