package io.gemlab.experiments.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.graph.base.process.ProcessMemory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sixteen clients for a while: each gets the answer that it gets alone, and memory is flat. */
@Tag("slow")
class ServeLoadTest {
  private static final int CLIENTS = 16;
  private static final int ROUNDS = 60;
  private static final int WARM_UP = 20;

  /** Of what is the same in every run of the machine's memory, this may be what is not. */
  private static final long NOISE = 48L << 20;

  @TempDir Path folder;

  /** A client's request, or one after the other's: generated, or scored. */
  private static List<String> bodies() {
    Random random = new Random(23);
    List<String> bodies = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      List<Integer> ids = new ArrayList<>(List.of(2));
      random.ints(1 + 3 * i, 4, 512).forEach(ids::add);
      String how =
          i % 4 == 3
              ? "'echo': true, 'logprobs': 1, 'max_tokens': 1, 'temperature': 0"
              : i % 4 == 2
                  ? "'max_tokens': 24, 'temperature': 1.2, 'top_p': 0.9, 'seed': " + i
                  : "'max_tokens': " + (8 + i) + ", 'temperature': 0, 'logprobs': 1";
      bodies.add("{'model': 'served', 'prompt': " + ids + ", " + how + "}");
    }
    return bodies;
  }

  @Test
  void answersAreThoseGivenAloneAndMemoryIsFlat() throws Exception {
    List<String> bodies = bodies();
    Path checkpoint = GoldenFiles.checkpointWithTokenizer(folder);
    try (ServedModel served = ServedModel.of("served", checkpoint, CLIENTS, 128, 64);
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      List<JsonNode> alone = new ArrayList<>();
      for (String body : bodies) alone.add(choice(served, body));
      run(served, threads, bodies, alone, WARM_UP);
      System.gc();
      long before = ProcessMemory.anonymous().orElseThrow();
      run(served, threads, bodies, alone, ROUNDS);
      System.gc();
      long grown = ProcessMemory.anonymous().orElseThrow() - before;
      System.out.printf(
          "serve: RssAnon grew by %.1f MiB in %d answers%n", grown / 1048576.0, CLIENTS * ROUNDS);
      assertTrue(grown < NOISE, "RssAnon grew by " + grown + " bytes");
      assertEquals(0, served.service().active() + served.service().waiting());
    }
  }

  private static void run(
      ServedModel served,
      ExecutorService threads,
      List<String> bodies,
      List<JsonNode> alone,
      int rounds)
      throws Exception {
    List<Callable<Void>> clients = new ArrayList<>();
    for (int c = 0; c < CLIENTS; c++) {
      int client = c;
      clients.add(
          () -> {
            for (int round = 0; round < rounds; round++) {
              int i = (client * 7 + round) % bodies.size();
              assertSame(alone.get(i), choice(served, bodies.get(i)));
            }
            return null;
          });
    }
    for (Future<Void> client : threads.invokeAll(clients)) client.get();
  }

  private static JsonNode choice(ServedModel served, String body) throws Exception {
    return served.ask("/v1/completions", body).at("/choices/0");
  }

  /**
   * The same text, unless two tokens were as good as equally likely: rows that are computed with
   * others are rounded otherwise.
   */
  private static void assertSame(JsonNode expected, JsonNode got) {
    JsonNode before = expected.at("/logprobs/token_logprobs");
    JsonNode now = got.at("/logprobs/token_logprobs");
    if (before.isMissingNode() || before.isNull()) {
      assertEquals(expected.get("text"), got.get("text"));
      return;
    }
    for (int i = 0; i < before.size(); i++) {
      assertEquals(before.get(i).floatValue(), now.get(i).floatValue(), 2e-3f);
      if (!expected.at("/logprobs/tokens/" + i).equals(got.at("/logprobs/tokens/" + i))) return;
    }
    assertEquals(expected.get("text"), got.get("text"));
  }
}
