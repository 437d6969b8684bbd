package io.gemlab.experiments.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.Share;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.StepFunctions;
import io.gemlab.graph.train.StepLimits;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.ops.Padding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.GraphDef;

/** The loop by itself, over a step that answers with its batch's first token. */
class TrainingLoopTest {
  private final List<String> events = new ArrayList<>();

  @Test
  void hooksHearOfEveryStepInTheirOrder() {
    loop(2, new Telling("a"), new Telling("b")).run(0);
    assertEquals(
        List.of(
            "a starts at 0",
            "b starts at 0",
            "a before 0",
            "b before 0",
            "step 0",
            "a after 1",
            "b after 1",
            "a before 1",
            "b before 1",
            "step 1",
            "a after 2",
            "b after 2"),
        events);
  }

  @Test
  void goesOnFromWhereItStopped() {
    loop(4, new Telling("a")).run(2);
    assertEquals(
        List.of(
            "a starts at 2",
            "a before 2",
            "step 2",
            "a after 3",
            "a before 3",
            "step 3",
            "a after 4"),
        events);
    events.clear();
    loop(4, new Telling("a")).run(4);
    assertEquals(List.of("a starts at 4"), events);
  }

  @Test
  void allHooksHearThatOneStopsIt() {
    TrainingHook stopping =
        new TrainingHook() {
          @Override
          public void beforeStep(int steps) {
            if (steps == 1) throw new RunMonitor.Stopped();
          }
        };
    TrainingLoop loop = loop(3, new Telling("a"), stopping, new Telling("b"));
    assertThrows(RunMonitor.Stopped.class, () -> loop.run(0));
    assertEquals(List.of("a before 1", "a stopped at 1", "b stopped at 1"), events.subList(7, 10));
  }

  @Test
  void aStepSaysWhatItGave() {
    Keeping keeping = new Keeping();
    loop(3, keeping).run(2);
    StepResult result = keeping.results.getFirst();
    assertEquals(3, result.step());
    assertEquals(2, result.tokens());
    assertEquals(2.0 * 2, result.lossSum());
    assertEquals(2, result.loss());
    assertEquals(4, result.gradientNorm());
    assertEquals(0.5f, result.learningRate());
    assertTrue(result.applied());
    assertEquals(StepResult.Rounding.NONE, result.rounding());
  }

  /** Two scored tokens of loss 5, none, and one of loss 8, by one division. */
  @Test
  void aStepOfMicroBatchesIsDividedOnceByTheirTokens() {
    List<Map<String, HostTensor>> calls = new ArrayList<>();
    float[] sums = {10, 0, 8};
    HostExecutable answering =
        new HostExecutable(
            arguments -> {
              calls.add(arguments);
              Map<String, HostTensor> results = new HashMap<>(UPDATED);
              if (!arguments.containsKey("labels")) return results;
              int number = arguments.get(TrainStep.MICRO_BATCH).ints()[0];
              results.put(TrainStep.LOSS_SUM, HostTensor.scalar(sums[number]));
              results.put(TrainStep.TOKENS, count(scored(arguments)));
              return results;
            });
    Keeping keeping = new Keeping();
    List<LabelledBatch> batches = List.of(batch(7, 8, 9), batch(7, -1, -1), batch(7, 8, -1));
    StepFunctions functions =
        new StepFunctions.Accumulating(function("accumulate"), function("update"));
    new TrainingLoop(answering, functions, _ -> batches, 1, List.of(keeping)).run(0);
    StepResult result = keeping.results.getFirst();
    assertEquals(3, result.tokens());
    assertEquals(18, result.lossSum());
    assertEquals(6, result.loss());
    assertEquals(batches, result.batches());
    assertEquals(4, calls.size());
    for (int number = 0; number < 3; number++) {
      assertEquals(number, calls.get(number).get(TrainStep.MICRO_BATCH).ints()[0]);
      assertEquals(3, calls.get(number).get(TrainStep.STEP_TOKENS).item());
    }
    assertTrue(calls.get(3).isEmpty());
  }

  /** Of two micro-batches this process has the second half of the rows; it is not the first. */
  @Test
  void aStepIsTakenTogether() {
    Map<String, Map<String, HostTensor>> calls = new HashMap<>();
    HostExecutable answering =
        new HostExecutable(
            arguments -> {
              Map<String, HostTensor> results = new HashMap<>(UPDATED);
              if (arguments.containsKey(TrainStep.MICRO_BATCH)) {
                calls.put("accumulate", arguments);
                results.put(TrainStep.LOSS_SUM, HostTensor.scalar(3));
                results.put(TrainStep.TOKENS, count(2));
              } else if (arguments.containsKey("labels")) {
                calls.put("reduce", arguments);
                results.put(TrainStep.LOSS_SUM, HostTensor.scalar(14));
                results.put(TrainStep.TOKENS, count(7));
                results.put(TrainStep.STOPPING, count(1));
                results.put(TrainStep.REDUCE_SECONDS, HostTensor.scalar(0.25f));
                results.putAll(new StepLimits(9, 8).arguments());
              }
              return results;
            });
    List<Boolean> stopping = new ArrayList<>();
    StepTeam team =
        new StepTeam() {
          @Override
          public Share share() {
            return new Share(1, 2);
          }

          @Override
          public boolean wantsToStop() {
            return true;
          }

          @Override
          public void heard(boolean any) {
            stopping.add(any);
          }
        };
    LabelledBatch whole =
        LabelledBatch.of(new int[][] {{1, 2}, {3, 4}}, new int[][] {{2, 3}, {4, 5}});
    LabelledBatch ragged =
        LabelledBatch.of(new int[][] {{6, 7}, {8, 9}}, new int[][] {{7, 8}, {9, -100}});
    Keeping keeping = new Keeping();
    StepFunctions functions =
        new StepFunctions.Shared(
            Optional.of(function("accumulate")), function("reduce"), function("update"));
    new TrainingLoop(
            answering,
            _ -> functions,
            _ -> List.of(whole, ragged),
            () -> new StepLimits(5, 6),
            team,
            1,
            List.of(keeping))
        .run(0);
    StepResult result = keeping.results.getFirst();
    assertEquals(7, result.tokens());
    assertEquals(2, result.loss());
    assertEquals(List.of(whole, ragged), result.batches());
    assertEquals(0.25, result.reduceSeconds().orElseThrow());
    assertEquals(List.of(true), stopping);
    assertArrayEquals(new int[] {3, 4}, calls.get("accumulate").get("input_ids").ints());
    Map<String, HostTensor> reduce = calls.get("reduce");
    assertArrayEquals(new int[] {8, 9}, reduce.get("input_ids").ints());
    assertEquals(7, reduce.get(TrainStep.STEP_TOKENS).item());
    assertEquals(3, reduce.get(TrainStep.LOSS_SUM).item());
    assertEquals(2, reduce.get(TrainStep.TOKENS).ints()[0]);
    assertEquals(1, reduce.get(TrainStep.STOPPING).ints()[0]);
    assertEquals(0, reduce.get(TrainStep.MAX_LOSS).item());
  }

  @Test
  void aStepWithoutAScoredTokenIsRefused() {
    TrainingLoop loop =
        new TrainingLoop(
            new HostExecutable(this::step),
            new StepFunctions.Whole(function("step")),
            _ -> List.of(batch(7, -1, -1)),
            1,
            List.of());
    assertTrue(
        assertThrows(InvalidInput.class, () -> loop.run(0))
            .getMessage()
            .startsWith("the batch of 1 x 2 has no token to learn from"));
  }

  @Test
  void oneFunctionTakesOneBatch() {
    TrainingLoop loop =
        new TrainingLoop(
            new HostExecutable(this::step),
            new StepFunctions.Whole(function("step")),
            _ -> List.of(batch(7, 8, 9), batch(7, 8, 9)),
            1,
            List.of());
    assertThrows(IllegalArgumentException.class, () -> loop.run(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {TrainStep.LOSS_SUM, TrainStep.GRADIENT_NORM})
  void whatIsNoNumberEndsItAndNamesTheStep(String result) {
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      NotFiniteException diverged =
          divergesInTheSecondStep(Map.of(result, HostTensor.scalar(value)));
      assertEquals(
          "diverged: %s is %s in step 2; every gradient is finite"
              .formatted(result.equals(TrainStep.LOSS_SUM) ? "loss" : result, value),
          diverged.getMessage());
    }
  }

  @Test
  void gradientsThatAreNoNumbersAreNamed() {
    assertEquals(
        "diverged: grad_norm is NaN in step 2; the gradient of b is not finite",
        divergesInTheSecondStep(
                Map.of(
                    TrainStep.FINITE, HostTensor.of(new int[] {1, 0}, 2),
                    TrainStep.GRADIENT_NORM, HostTensor.scalar(Float.NaN)))
            .getMessage());
    assertEquals(
        "diverged: grad_norm is 4.0 in step 2; the gradients of a and 1 more are not finite",
        divergesInTheSecondStep(Map.of(TrainStep.FINITE, HostTensor.of(new int[2], 2)))
            .getMessage());
  }

  /** Until there is no scale left that could be halved. */
  @Test
  void aScaledGradientMayOverflow() {
    for (float scale : new float[] {65_536, 1, 0.5f}) {
      Map<String, HostTensor> results = new HashMap<>(UPDATED);
      results.put(TrainStep.FINITE, HostTensor.of(new int[] {1, 0}, 2));
      results.put(TrainStep.GRADIENT_NORM, HostTensor.scalar(Float.POSITIVE_INFINITY));
      results.put(TrainStep.APPLIED, count(0));
      results.put(TrainStep.LOSS_SCALE, HostTensor.scalar(scale));
      results.put(TrainStep.LOSS_SUM, HostTensor.scalar(1));
      results.put(TrainStep.TOKENS, count(2));
      Keeping keeping = new Keeping();
      TrainingLoop loop = loop(new HostExecutable(_ -> results), 1, keeping);
      if (scale < 1) {
        assertThrows(NotFiniteException.class, () -> loop.run(0));
      } else {
        loop.run(0);
        assertFalse(keeping.results.getFirst().applied());
        assertEquals(OptionalDouble.of(scale), keeping.results.getFirst().rounding().lossScale());
      }
    }
  }

  /** Tensors a and b have three numbers each. */
  @Test
  void whatRoundingDoesIsToldInShares() {
    Map<String, HostTensor> results = new HashMap<>(UPDATED);
    results.put(TrainStep.LOSS_SUM, HostTensor.scalar(1));
    results.put(TrainStep.TOKENS, count(2));
    results.put(TrainStep.UNCHANGED, HostTensor.of(new int[] {3, 1}, 2));
    results.put(TrainStep.MOVED, HostTensor.of(new int[] {0, 3}, 2));
    results.put(TrainStep.LOST, HostTensor.of(new int[] {0, 2}, 2));
    Keeping keeping = new Keeping();
    loop(new HostExecutable(_ -> results), 1, keeping).run(0);
    StepResult.Rounding rounding = keeping.results.getFirst().rounding();
    assertEquals(4 / 6.0, rounding.unchanged().getAsDouble(), 1e-12);
    LostUpdates lost = rounding.lost().orElseThrow();
    assertEquals(2 / 3.0, lost.share(), 1e-12);
    assertEquals(
        List.of(new LostUpdates.Tensor("a", 0, 0), new LostUpdates.Tensor("b", 3, 2)),
        lost.tensors());
    assertEquals(0, lost.tensors().getFirst().share());
  }

  /** The second of five steps gives {@code instead}; no hook hears of it, or saves its state. */
  private NotFiniteException divergesInTheSecondStep(Map<String, HostTensor> instead) {
    events.clear();
    HostExecutable diverging =
        new HostExecutable(
            arguments -> {
              Map<String, HostTensor> results = new HashMap<>(step(arguments));
              if (events.contains("step 1")) results.putAll(instead);
              return results;
            });
    TrainingLoop loop = loop(diverging, 5, new Telling("a"));
    NotFiniteException diverged = assertThrows(NotFiniteException.class, () -> loop.run(0));
    assertEquals("step 1", events.getLast());
    return diverged;
  }

  @Test
  void anIntervalIncludesTheFirstAndTheLastStep() {
    Interval interval = new Interval(2, 5);
    List<Integer> times = new ArrayList<>();
    for (int steps = 0; steps <= 5; steps++) if (interval.includes(steps)) times.add(steps);
    assertEquals(List.of(0, 2, 4, 5), times);
  }

  @Test
  void progressCountsStepsAndStopsBeforeOne() {
    List<Long> units = new ArrayList<>();
    RunMonitor monitor =
        new RunMonitor() {
          @Override
          public void worked(long more) {
            units.add(more);
          }

          @Override
          public void now(String what) {}

          @Override
          public void check() {
            if (units.size() == 3) throw new Stopped();
          }
        };
    TrainingLoop loop = loop(9, new StepProgress(monitor));
    assertThrows(RunMonitor.Stopped.class, () -> loop.run(4));
    assertEquals(List.of(4L, 1L, 1L), units);
    assertFalse(events.contains("step 6"));
  }

  /** What a step gives besides its loss. */
  private static final Map<String, HostTensor> UPDATED =
      Map.of(
          TrainStep.GRADIENT_NORM, HostTensor.scalar(4),
          TrainStep.LEARNING_RATE, HostTensor.scalar(0.5f),
          TrainStep.FINITE, HostTensor.of(new int[] {1, 1}, 2));

  private TrainingLoop loop(int steps, TrainingHook... hooks) {
    return loop(new HostExecutable(this::step), steps, hooks);
  }

  private TrainingLoop loop(HostExecutable executable, int steps, TrainingHook... hooks) {
    return new TrainingLoop(
        executable,
        new StepFunctions.Whole(function("step")),
        number -> List.of(numbered(number)),
        steps,
        List.of(hooks));
  }

  /** A function that trains tensors a and b, and has no body. */
  private static GraphFunction function(String name) {
    List<TensorSpec> trained =
        Stream.of("a", "b")
            .map(tensor -> new TensorSpec(tensor, ElementType.F32, TensorShape.of(3)))
            .toList();
    return new GraphFunction(
        name,
        GraphDef.getDefaultInstance(),
        trained.stream()
            .map(spec -> new GraphFunction.Input(spec, "", Optional.of(StateRole.WEIGHT)))
            .toList(),
        List.of(),
        List.of(),
        trained.stream().map(spec -> new GraphFunction.Output(spec, "", 0)).toList(),
        List.of(),
        List.of());
  }

  /** Two of its three positions are scored. */
  private LabelledBatch numbered(long step) {
    events.add("step " + step);
    return LabelledBatch.of(new int[][] {{(int) step, 7, 8}}, new int[][] {{7, 8, Padding.LABEL}});
  }

  private static LabelledBatch batch(int id, int... labels) {
    return LabelledBatch.of(new int[][] {{id, id}}, new int[][] {labels});
  }

  private static int scored(Map<String, HostTensor> arguments) {
    return (int) Arrays.stream(arguments.get("labels").ints()).filter(label -> label >= 0).count();
  }

  private static HostTensor count(int count) {
    return HostTensor.of(new int[] {count});
  }

  private Map<String, HostTensor> step(Map<String, HostTensor> arguments) {
    Map<String, HostTensor> results = new HashMap<>(UPDATED);
    int scored = scored(arguments);
    int first = arguments.get("input_ids").ints()[0];
    results.put(TrainStep.LOSS_SUM, HostTensor.scalar((float) first * scored));
    results.put(TrainStep.TOKENS, count(scored));
    return results;
  }

  private static final class Keeping implements TrainingHook {
    private final List<StepResult> results = new ArrayList<>();

    @Override
    public void onStep(StepResult result) {
      results.add(result);
    }
  }

  private final class Telling implements TrainingHook {
    private final String name;

    Telling(String name) {
      this.name = name;
    }

    @Override
    public void onStart(int steps) {
      events.add(name + " starts at " + steps);
    }

    @Override
    public void beforeStep(int steps) {
      events.add(name + " before " + steps);
    }

    @Override
    public void onStep(StepResult result) {
      events.add(name + " after " + result.step());
    }

    @Override
    public void onStopped(int steps) {
      events.add(name + " stopped at " + steps);
    }
  }
}
