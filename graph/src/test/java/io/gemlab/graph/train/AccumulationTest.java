package io.gemlab.graph.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.Parameter;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.Padding;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.types.TFloat32;

/** The gradients of a step's micro-batches are those of its tokens, wherever they are. */
public class AccumulationTest {
  private static final String ACCUMULATE = "accumulate";
  private static final String UPDATE = "update";
  private static final String GRADIENTS = "gradients";

  /** Float32's own noise, of a tensor's largest gradient. */
  private static final double NOISE = 5e-5;

  static List<ExecutionPath> paths() {
    return SmallSteps.PATHS;
  }

  @ParameterizedTest
  @MethodSource("paths")
  public void raggedMicroBatchesAreOneBatch(ExecutionPath path) {
    List<LabelledBatch> ragged = rows(4, 1);
    assertTrue(ragged.stream().map(LabelledBatch::scored).distinct().count() > 2);
    same(path, ragged);
  }

  @ParameterizedTest
  @MethodSource("paths")
  public void aShortLastWindowIsNotDividedByTheFullOne(ExecutionPath path) {
    same(path, rows(2, 1));
  }

  @Test
  void aMicroBatchMayHaveNoScoredToken() {
    LabelledBatch silent = SmallSteps.rows(0, 1);
    for (int[] labels : silent.labels()) Arrays.fill(labels, Padding.LABEL);
    same(new GraphPath(), List.of(SmallSteps.rows(0, 1), silent, SmallSteps.rows(1, 1)));
    same(new GraphPath(), List.of(silent, SmallSteps.rows(1, 1)));
  }

  /**
   * The ratios that others got: 4.0 of four batches that are alike, and a half of a window of two
   * where four are usual. Here both are 1.
   */
  @Test
  void theNormIsThatOfOneBatch() {
    for (int count : new int[] {4, 2}) {
      List<LabelledBatch> alike = Collections.nCopies(count, SmallSteps.rows(0, 1));
      TrainStep<TFloat32> step = SmallSteps.of(1);
      GraphFunction whole = SmallSteps.of(1).trace("step", SmallSteps.OPTIMIZER);
      GraphFunction accumulate = step.traceAccumulate(ACCUMULATE, SmallSteps.OPTIMIZER);
      GraphFunction update = step.traceUpdate(UPDATE, SmallSteps.OPTIMIZER, TrainStep.Report.PLAIN);
      double expected;
      try (Executable executable = SmallSteps.load(new GraphPath(), step, List.of(whole));
          Results results = executable.run("step", alike.getFirst().arguments())) {
        expected = results.get(TrainStep.GRADIENT_NORM).item();
      }
      try (Executable executable =
          SmallSteps.load(new GraphPath(), step, List.of(accumulate, update))) {
        SmallSteps.accumulate(executable, ACCUMULATE, alike);
        try (Results results = executable.run(UPDATE, Map.of())) {
          double norm = results.get(TrainStep.GRADIENT_NORM).item();
          assertEquals(1, norm / expected, 1e-5, count + " micro-batches");
        }
      }
    }
  }

  /**
   * Sums in float64 of each micro-batch's mean gradient times its share of the step's tokens. All
   * counts are powers of two, so that a division rounds nothing and what is seen is the weights.
   */
  @Test
  void theWeightsAreEachMicroBatchsShareOfTheTokens() {
    List<LabelledBatch> batches =
        IntStream.of(2, 16, 4, 2, 8).mapToObj(AccumulationTest::scoring).toList();
    double tokens = batches.stream().mapToInt(LabelledBatch::scored).sum();
    assertEquals(32, tokens);
    TrainStep<TFloat32> step = SmallSteps.of(1);
    List<GraphFunction> functions =
        List.of(
            step.traceAccumulate(ACCUMULATE, SmallSteps.OPTIMIZER), step.traceGradients(GRADIENTS));
    try (Executable executable = SmallSteps.load(new GraphPath(), step, functions)) {
      SmallSteps.accumulate(executable, ACCUMULATE, batches);
      Map<String, float[]> accumulated = SmallSteps.accumulated(step, executable);
      List<Map<String, float[]>> means =
          batches.stream()
              .map(batch -> SmallSteps.gradients(executable, GRADIENTS, batch))
              .toList();
      accumulated.forEach(
          (name, got) -> {
            for (int i = 0; i < got.length; i++) {
              double want = 0;
              for (int k = 0; k < batches.size(); k++) {
                want += batches.get(k).scored() / tokens * means.get(k).get(name)[i];
              }
              assertEquals(want, got[i], 1e-6 * SmallSteps.largest(got), name);
            }
          });
    }
  }

  /** A row that scores so many of its tokens. */
  private static LabelledBatch scoring(int count) {
    int[][] ids = SmallSteps.rows(count, 1).tokens().inputIds();
    int[][] labels = new int[1][SmallSteps.LENGTH];
    Arrays.fill(labels[0], Padding.LABEL);
    for (int t = 0; t < count; t++) labels[0][t] = ids[0][t + 1];
    return LabelledBatch.of(ids, labels);
  }

  @Test
  void aStepDoesNotSeeWhatAKilledOneLeftBehind() {
    TrainStep<TFloat32> step = SmallSteps.of(1);
    GraphFunction accumulate = step.traceAccumulate(ACCUMULATE, SmallSteps.OPTIMIZER);
    for (ExecutionPath path : SmallSteps.PATHS) {
      try (Executable executable = SmallSteps.load(path, step, List.of(accumulate))) {
        SmallSteps.accumulate(executable, ACCUMULATE, rows(2, 1));
        Map<String, float[]> clean = SmallSteps.accumulated(step, executable);
        for (Parameter trained : step.parameters().trained()) {
          float[] left = new float[(int) trained.weight().shape().elements()];
          Arrays.fill(left, Float.NaN);
          executable.assign(
              TrainStep.gradient(trained.name()),
              HostTensor.of(left, trained.weight().shape().toArray()));
        }
        SmallSteps.accumulate(executable, ACCUMULATE, rows(2, 1));
        SmallSteps.accumulated(step, executable)
            .forEach((name, again) -> assertArrayEquals(clean.get(name), again, name));
      }
    }
  }

  /** The weights after three steps, by one function and by two. */
  @Test
  void stepsOfOneMicroBatchAreWholeSteps() {
    TrainStep<TFloat32> step = SmallSteps.of(2);
    GraphFunction whole = step.trace("step", SmallSteps.OPTIMIZER);
    GraphFunction accumulate = step.traceAccumulate(ACCUMULATE, SmallSteps.OPTIMIZER);
    GraphFunction update = step.traceUpdate(UPDATE, SmallSteps.OPTIMIZER, TrainStep.Report.PLAIN);
    try (Executable one = SmallSteps.load(new EagerPath(), step, List.of(whole));
        Executable two = SmallSteps.load(new EagerPath(), step, List.of(accumulate, update))) {
      for (int i = 0; i < 3; i++) {
        LabelledBatch batch = SmallSteps.rows(2 * i, 2);
        try (Results results = one.run("step", batch.arguments())) {
          assertEquals(batch.scored(), results.get(TrainStep.TOKENS).ints()[0]);
          assertEquals(
              results.get(TrainStep.LOSS_SUM).item() / batch.scored(),
              results.get(TrainStep.LOSS).item());
        }
        SmallSteps.accumulate(two, ACCUMULATE, List.of(batch));
        two.run(UPDATE, Map.of()).close();
      }
      for (Parameter trained : step.parameters().trained()) {
        float[] want = SmallSteps.read(one, trained.name());
        float[] got = SmallSteps.read(two, trained.name());
        assertArrayEquals(want, got, 1e-5f * SmallSteps.largest(want), trained.name());
      }
    }
  }

  /** A row's tokens count the same alone and padded to twice the length on either side. */
  @Test
  void paddingDoesNotChangeWhatATokenContributes() {
    int length = SmallSteps.LENGTH / 2;
    int[] ids = Arrays.copyOf(SmallSteps.rows(0, 1).tokens().inputIds()[0], length);
    int[] labels = Arrays.copyOfRange(ids, 1, length + 1);
    labels[length - 1] = 9;
    TrainStep<TFloat32> wide = SmallSteps.of(1);
    TrainStep<TFloat32> narrow =
        new TrainStep<>(
            wide.model(),
            wide.parameters(),
            new TrainingLoss.BatchShape(1, length),
            new NextTokenLoss());
    LabelledBatch alone = LabelledBatch.of(new int[][] {ids}, new int[][] {labels});
    Map<String, float[]> want = accumulated(narrow, new GraphPath(), List.of(alone));
    for (int before : new int[] {0, 5, length}) {
      int[] paddedIds = new int[2 * length];
      int[] mask = new int[2 * length];
      int[] paddedLabels = new int[2 * length];
      Arrays.fill(paddedLabels, Padding.LABEL);
      System.arraycopy(ids, 0, paddedIds, before, length);
      System.arraycopy(labels, 0, paddedLabels, before, length);
      Arrays.fill(mask, before, before + length, 1);
      LabelledBatch padded =
          new LabelledBatch(
              new TokenBatch(new int[][] {paddedIds}, new int[][] {mask}),
              new int[][] {paddedLabels});
      assertClose(want, accumulated(wide, new GraphPath(), List.of(padded)));
    }
  }

  /** Batches of {@code count} rows with masks as different as they come. */
  public static List<LabelledBatch> rows(int batches, int count) {
    return IntStream.range(0, batches)
        .mapToObj(number -> SmallSteps.rows(number * count, count))
        .toList();
  }

  /** Compares micro-batches with one batch of all of their rows, on the graph path. */
  public static void same(ExecutionPath path, List<LabelledBatch> batches) {
    LabelledBatch all = SmallSteps.joined(batches);
    TrainStep<TFloat32> big = SmallSteps.of(all.tokens().rows());
    Map<String, float[]> want;
    try (Executable executable =
        SmallSteps.load(new GraphPath(), big, List.of(big.traceGradients(GRADIENTS)))) {
      want = SmallSteps.gradients(executable, GRADIENTS, all);
    }
    assertClose(
        want, accumulated(SmallSteps.of(batches.getFirst().tokens().rows()), path, batches));
  }

  private static Map<String, float[]> accumulated(
      TrainStep<TFloat32> step, ExecutionPath path, List<LabelledBatch> batches) {
    GraphFunction accumulate = step.traceAccumulate(ACCUMULATE, SmallSteps.OPTIMIZER);
    try (Executable executable = SmallSteps.load(path, step, List.of(accumulate))) {
      SmallSteps.accumulate(executable, ACCUMULATE, batches);
      return SmallSteps.accumulated(step, executable);
    }
  }

  private static void assertClose(Map<String, float[]> want, Map<String, float[]> got) {
    assertEquals(want.keySet(), got.keySet());
    want.forEach(
        (name, values) ->
            assertArrayEquals(
                values, got.get(name), (float) NOISE * SmallSteps.largest(values), name));
  }
}
