package io.gemlab.graph.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Draws against the distribution that they are drawn from, computed in float64. */
class SamplerTest {
  private static final int ROWS = 16;
  private static final int VOCABULARY = 24;
  private static final int CALLS = 240;

  private static final float[] LOGITS = logits();
  private static final GraphFunction DRAW = trace();

  @ParameterizedTest(name = "temperature {0}, top-k {1}, top-p {2}")
  @CsvSource({
    "1, 0, 1",
    "0.5, 0, 1",
    "2, 5, 1",
    "1, 0, 0.8",
    "1.5, 12, 0.7",
    "1, 1, 1",
    "1, 0, 1e-6"
  })
  void drawsFromTheDistribution(double temperature, int topK, double topP) {
    double[] expected = distribution(temperature, topK, topP);
    int[] drawn = new int[VOCABULARY];
    try (Executable executable = new GraphPath().load(List.of(DRAW))) {
      for (int call = 0; call < CALLS; call++) {
        Sampling sampling = new Sampling(temperature, topK, topP, 1000L * call);
        for (int id : draw(executable, sampling, 3)) drawn[id]++;
      }
    }
    int total = ROWS * CALLS;
    double chiSquare = 0;
    for (int id = 0; id < VOCABULARY; id++) {
      if (expected[id] == 0) assertEquals(0, drawn[id], "token " + id + " was left out");
      else chiSquare += Math.pow(drawn[id] - total * expected[id], 2) / (total * expected[id]);
    }
    assertTrue(chiSquare < 55, "chi-square of 23 degrees of freedom at most: " + chiSquare);
  }

  @Test
  void everyPathDrawsTheSame() {
    Sampling sampling = new Sampling(1.3, 20, 0.95, 42);
    List<int[]> drawn =
        List.<ExecutionPath>of(
                new EagerPath(), new GraphPath(), new ClusteredPath(), new FusedPath())
            .stream()
            .map(
                path -> {
                  try (Executable executable = path.load(List.of(DRAW))) {
                    return draw(executable, sampling, 7);
                  }
                })
            .toList();
    for (int[] ids : drawn) assertArrayEquals(drawn.getFirst(), ids);
  }

  @Test
  void aDrawFollowsFromSeedAndPositionAlone() {
    try (Executable executable = new GraphPath().load(List.of(DRAW))) {
      int[] first = draw(executable, new Sampling(1, 0, 1, 42), 7);
      assertArrayEquals(first, draw(executable, new Sampling(1, 0, 1, 42), 7));
      int[] nextSeed = draw(executable, new Sampling(1, 0, 1, 43), 7);
      assertArrayEquals( // row b of seed s is row b - 1 of seed s + 1
          Arrays.copyOfRange(first, 1, ROWS), Arrays.copyOfRange(nextSeed, 0, ROWS - 1));
      assertNotEquals(
          Arrays.toString(first), Arrays.toString(draw(executable, new Sampling(1, 0, 1, 42), 8)));
      assertNotEquals(
          Arrays.toString(first),
          Arrays.toString(draw(executable, new Sampling(1, 0, 1, 42L + (1L << 32)), 7)));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY, 1e-45})
  void refusesATemperature(double temperature) {
    InvalidInput refused =
        assertThrows(InvalidInput.class, () -> new Sampling(temperature, 0, 1, 0));
    assertTrue(refused.getMessage().startsWith("temperature is " + temperature));
  }

  @Test
  void refusesWhatLeavesNoToken() {
    assertThrows(InvalidInput.class, () -> new Sampling(1, -1, 1, 0));
    assertThrows(InvalidInput.class, () -> new Sampling(1, 0, 0, 0));
    assertThrows(InvalidInput.class, () -> new Sampling(1, 0, 1.01, 0));
    assertThrows(InvalidInput.class, () -> new Sampling(1, 0, Double.NaN, 0));
  }

  private static GraphFunction trace() {
    try (Trace trace = new Trace("draw")) {
      var logits_BV = trace.argument("logits", TFloat32.class, TensorShape.of(ROWS, VOCABULARY));
      var position_B = trace.argument("position", TInt32.class, TensorShape.of(ROWS));
      trace.result("ids", new Sampler(trace, ROWS).draw(logits_BV, position_B));
      return trace.finish();
    }
  }

  private static int[] draw(Executable executable, Sampling sampling, int position) {
    float[] rows = new float[ROWS * VOCABULARY];
    for (int b = 0; b < ROWS; b++) {
      System.arraycopy(LOGITS, 0, rows, b * VOCABULARY, VOCABULARY);
    }
    int[] positions = new int[ROWS];
    Arrays.fill(positions, position);
    Map<String, HostTensor> arguments =
        new HashMap<>(Sampler.arguments(sampling, ROWS, VOCABULARY));
    arguments.put("logits", HostTensor.of(rows, ROWS, VOCABULARY));
    arguments.put("position", HostTensor.of(positions, ROWS));
    try (Results results = executable.run("draw", arguments)) {
      return results.get("ids").ints();
    }
  }

  /** Temperature, then the k likeliest, then as many of the likeliest as reach the share p. */
  private static double[] distribution(double temperature, int topK, double topP) {
    double[] weights =
        IntStream.range(0, VOCABULARY)
            .mapToDouble(i -> Math.exp(LOGITS[i] / temperature))
            .toArray();
    List<Integer> likeliest =
        IntStream.range(0, VOCABULARY)
            .boxed()
            .sorted((a, b) -> Double.compare(weights[b], weights[a]))
            .limit(topK == 0 ? VOCABULARY : topK)
            .toList();
    double all = likeliest.stream().mapToDouble(id -> weights[id]).sum();
    double[] kept = new double[VOCABULARY];
    double reached = 0;
    for (int id : likeliest) {
      if (reached / all >= topP) break;
      kept[id] = weights[id];
      reached += weights[id];
    }
    for (int id = 0; id < VOCABULARY; id++) kept[id] /= reached;
    return kept;
  }

  private static float[] logits() {
    Random random = new Random(5);
    float[] logits = new float[VOCABULARY];
    for (int i = 0; i < logits.length; i++) logits[i] = (float) (1.5 * random.nextGaussian());
    return logits;
  }
}
