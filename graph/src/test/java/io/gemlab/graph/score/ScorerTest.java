package io.gemlab.graph.score;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.decode.Generator;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Golden;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.ops.attention.EagerAttention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.types.TFloat32;

/** Against lm-eval's log-likelihoods, and against the forward pass, far beyond the window of 8. */
class ScorerTest {
  private static final Gemma2Model<TFloat32> MODEL =
      new Gemma2Model<>(
          Golden.config("ckpt_f32"), OpChoice.of(new EagerAttention()), TFloat32.class);

  private static final int V = MODEL.config().vocabSize();

  /** torch's float32 log-softmax is off by up to 1e-4 a token. */
  @ParameterizedTest
  @ValueSource(strings = {"bos", "no_bos"})
  void agreesWithLmEval(String run) {
    JsonNode golden = JsonFile.readObject(golden("lmeval_requests.json")).get(run);
    List<TokenRequest> requests = new ArrayList<>();
    for (JsonNode each : golden) {
      int[] context = ints(each.get("context"));
      int[] continuation = ints(each.get("continuation"));
      int cut = Math.max(0, context.length + continuation.length - 129); // its max_length is 128
      requests.add(
          new TokenRequest(Arrays.copyOfRange(context, cut, context.length), continuation));
    }
    List<TokenScores> scores = scored(new ClusteredPath(), requests);
    for (int i = 0; i < requests.size(); i++) {
      int tokens = requests.get(i).continuation().length;
      assertEquals(
          golden.get(i).get("loglikelihood").doubleValue(),
          scores.get(i).logLikelihood(),
          2e-3 + 1e-4 * tokens);
      assertEquals(
          golden.get(i).get("greedy").booleanValue(), scores.get(i).isGreedy(requests.get(i)));
    }
  }

  static Stream<ExecutionPath> paths() {
    return Golden.PATHS.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("paths")
  void sharedBeginningsEqualTheForwardPass(ExecutionPath path) {
    List<TokenRequest> requests = questions();
    List<TokenScores> scores = scored(path, requests);
    List<float[]> logits = logits(requests);
    for (int i = 0; i < requests.size(); i++) {
      TokenRequest request = requests.get(i);
      for (int k = 0; k < request.continuation().length; k++) {
        int place = request.before(k);
        float[] row = Arrays.copyOfRange(logits.get(i), place * V, (place + 1) * V);
        double against = logSumExp(row);
        int likeliest = scores.get(i).likeliest()[k];
        assertEquals(
            row[request.continuation()[k]] - against, scores.get(i).logProbabilities()[k], 1e-3);
        assertEquals(row[likeliest] - against, scores.get(i).likeliestLogProbabilities()[k], 1e-3);
        for (float other : row) assertTrue(other <= row[likeliest] + 1e-3);
      }
    }
  }

  /** Whatever else is asked, and in whatever order: rows are laid out by what they hold. */
  @Test
  void eachIsScoredAsIfAlone() {
    List<TokenRequest> requests = new ArrayList<>(questions());
    List<TokenScores> together = scored(new GraphPath(), requests);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) order.add(i);
    Collections.shuffle(order, new Random(1));
    run(
        new GraphPath(),
        scorer -> {
          for (int i : order) {
            List<TokenScores> alone = new ArrayList<>();
            scorer.score(
                List.of(requests.get(i)), Prefixes.SHARED, (_, scores) -> alone.add(scores));
            assertEquals(1, alone.size());
            assertEquals(alone.getFirst().logLikelihood(), together.get(i).logLikelihood(), 1e-3);
          }
          // Rows of 64 and 128 tokens, and the head for 16 places.
          assertEquals(3, scorer.programs().size(), scorer.programs().toString());
        });
  }

  @Test
  void prefixesMayBeRepeated() {
    List<TokenRequest> requests = questions();
    List<TokenScores> shared = scored(new GraphPath(), requests);
    List<TokenScores> repeated = scored(new GraphPath(), requests, Prefixes.REPEATED);
    for (int i = 0; i < requests.size(); i++) {
      assertEquals(shared.get(i).logLikelihood(), repeated.get(i).logLikelihood(), 1e-3);
    }
  }

  @Test
  void whatTheModelCantReadIsRefused() {
    int context = MODEL.config().maxPositionEmbeddings();
    TokenRequest tooLong = new TokenRequest(new int[context + 1], new int[] {3});
    TokenRequest unknown = new TokenRequest(new int[] {2}, new int[] {MODEL.config().vocabSize()});
    run(
        new GraphPath(),
        scorer -> {
          for (TokenRequest request : List.of(tooLong, unknown)) {
            assertThrows(
                InvalidInput.class,
                () -> scorer.score(List.of(request), Prefixes.SHARED, (_, _) -> {}));
          }
        });
    assertThrows(InvalidInput.class, () -> new TokenRequest(new int[] {2}, new int[0]));
  }

  /** Two questions of three choices behind the same shots, and others of many lengths. */
  private static List<TokenRequest> questions() {
    Random random = new Random(7);
    int[] shots = ids(random, 30);
    List<TokenRequest> requests = new ArrayList<>();
    for (int question = 0; question < 7; question++) {
      int[] asked = ids(random, 3 + 12 * question);
      int[] context = question < 2 ? joined(shots, asked) : asked;
      for (int choice = 0; choice < 3; choice++) {
        requests.add(new TokenRequest(context, ids(random, 1 + (question + choice) % 5)));
      }
    }
    return requests;
  }

  private static int[] joined(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static int[] ids(Random random, int length) {
    return random.ints(length, 4, MODEL.config().vocabSize()).toArray();
  }

  /** The logits of each request's input. */
  private static List<float[]> logits(List<TokenRequest> requests) {
    int length = requests.stream().mapToInt(each -> each.input().length).max().orElseThrow();
    int[][] ids = new int[requests.size()][length];
    int[][] mask = new int[requests.size()][length];
    for (int b = 0; b < ids.length; b++) {
      int[] input = requests.get(b).input();
      System.arraycopy(input, 0, ids[b], 0, input.length);
      Arrays.fill(mask[b], 0, input.length, 1);
    }
    ForwardPass<TFloat32> forward = new ForwardPass<>(MODEL, ids.length, length);
    try (Executable executable =
        new GraphPath().load(List.of(forward.trace("forward", ForwardPass.Returns.LOGITS_ONLY)))) {
      Golden.loadWeights("ckpt_f32", executable);
      try (Results results = executable.run("forward", new TokenBatch(ids, mask).arguments())) {
        float[] all = results.get(ForwardPass.LOGITS).floats();
        int row = length * MODEL.config().vocabSize();
        List<float[]> logits = new ArrayList<>();
        for (int b = 0; b < ids.length; b++) {
          logits.add(Arrays.copyOfRange(all, b * row, (b + 1) * row));
        }
        return logits;
      }
    }
  }

  private static List<TokenScores> scored(ExecutionPath path, List<TokenRequest> requests) {
    return scored(path, requests, Prefixes.SHARED);
  }

  private static List<TokenScores> scored(
      ExecutionPath path, List<TokenRequest> requests, Prefixes prefixes) {
    TokenScores[] scores = new TokenScores[requests.size()];
    run(path, scorer -> scorer.score(requests, prefixes, (i, each) -> scores[i] = each));
    return List.of(scores);
  }

  private static void run(ExecutionPath path, Consumer<Scorer> work) {
    try (Executable executable = path.load(List.of(Generator.weights(MODEL)))) {
      Golden.loadWeights("ckpt_f32", executable);
      work.accept(new Scorer(MODEL, executable));
    }
  }

  private static double logSumExp(float[] row) {
    double sum = 0;
    for (float one : row) sum += Math.exp(one);
    return Math.log(sum);
  }

  private static int[] ints(JsonNode list) {
    int[] ints = new int[list.size()];
    for (int i = 0; i < ints.length; i++) ints[i] = list.get(i).intValue();
    return ints;
  }
}
