package io.gemlab.graph.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Golden;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.ops.attention.EagerAttention;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tensorflow.types.TFloat32;

/** A prompt whose beginning is in the cache gets the answer that it gets alone. Window 8. */
class ReusedCacheTest {
  private static final Gemma2Config CONFIG = Golden.config("ckpt_f32");
  private static final Gemma2Model<TFloat32> MODEL =
      new Gemma2Model<>(CONFIG, OpChoice.of(new EagerAttention()), TFloat32.class);
  private static final int NEW_TOKENS = 12;

  private static Executable executable;
  private static Generator generator;

  @BeforeAll
  static void load() {
    executable = new GraphPath().load(List.of(Generator.weights(MODEL)));
    Golden.loadWeights("ckpt_f32", executable);
    generator = new Generator(MODEL, executable);
  }

  @AfterAll
  static void close() {
    generator.close();
    executable.close();
  }

  /** What a call took in, and what came of it. */
  private record Outcome(int[] ids, int cached, long calls) {}

  private static Outcome generate(int[] prompt, int tokens, boolean reuse) {
    long before = generator.traffic().calls();
    int[] cached = {-1};
    TokenListener listener =
        new TokenListener() {
          @Override
          public Optional<FinishReason> next(int row, int id, float logProbability) {
            return Optional.empty();
          }

          @Override
          public void cached(int row, int tokens) {
            cached[0] = tokens;
          }
        };
    GenerationRequest request =
        new GenerationRequest(List.of(prompt), tokens, Sampling.greedy(), false, reuse);
    int[] ids = generator.generate(request, listener).getFirst().ids();
    return new Outcome(ids, cached[0], generator.traffic().calls() - before);
  }

  private static void sameAsAlone(int[] prompt, int cached) {
    Outcome continued = generate(prompt, NEW_TOKENS, true);
    assertEquals(cached, continued.cached());
    assertArrayEquals(generate(prompt, NEW_TOKENS, false).ids(), continued.ids());
  }

  private static int[] ids(int count, int seed) {
    return IntStream.range(0, count).map(i -> 5 + (i * 37 + seed * 11) % 200).toArray();
  }

  private static int[] join(int[] a, int[] b) {
    return IntStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray();
  }

  /** All but the last new token are in the cache, and three times as far as the ring reaches. */
  @Test
  void theNextTurnTakesInWhatIsNew() {
    int[] first = ids(13, 1);
    int[] answer = generate(first, NEW_TOKENS, true).ids();
    int[] next = join(join(first, answer), ids(19, 2));
    sameAsAlone(next, 13 + NEW_TOKENS - 1);
  }

  @Test
  void aFewTokensMoreAreTakenInOneByOne() {
    int[] first = ids(20, 3);
    int[] answer = generate(first, NEW_TOKENS, true).ids();
    int[] next = join(join(first, answer), ids(3, 4));
    Outcome outcome = generate(next, 1, true);
    assertEquals(20 + NEW_TOKENS - 1, outcome.cached());
    assertEquals(4, outcome.calls()); // the answer's last token and three new ones
  }

  /** A ring of 8 has lost what stood 8 positions before the end. */
  @Test
  void afterTheRingHasTurnedThereIsNoWayBack() {
    int[] first = ids(13, 5);
    generate(first, NEW_TOKENS, true);
    sameAsAlone(join(first, ids(6, 6)), 0);
  }

  @Test
  void beforeTheRingHasTurnedThereIs() {
    int[] first = ids(4, 7);
    generate(first, 4, true);
    sameAsAlone(join(first, ids(30, 8)), 4);
  }

  /** The last token is run again: what follows it was asked for. */
  @Test
  void theSamePromptAgain() {
    int[] prompt = ids(7, 9);
    generate(prompt, 1, true);
    sameAsAlone(prompt, 6);
  }

  @Test
  void anotherSizeOfCacheBeginsAnew() {
    int[] first = ids(13, 10);
    int[] answer = generate(first, NEW_TOKENS, true).ids();
    sameAsAlone(join(join(first, answer), ids(60, 11)), 0);
  }

  @Test
  void whatCameBetweenIsNotTakenForTheConversation() {
    int[] first = ids(13, 12);
    int[] answer = generate(first, NEW_TOKENS, true).ids();
    generator.logProbabilities(List.of(ids(40, 13)));
    sameAsAlone(join(join(first, answer), ids(5, 14)), 0);
  }

  @Test
  void withoutAskingNothingIsReused() {
    int[] prompt = ids(13, 15);
    generate(prompt, NEW_TOKENS, true);
    assertEquals(0, generate(prompt, NEW_TOKENS, false).cached());
  }
}
