package io.gemlab.experiments.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.ops.Padding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    List<StepResult> results = new ArrayList<>();
    TrainingHook keeping =
        new TrainingHook() {
          @Override
          public void onStep(StepResult result) {
            results.add(result);
          }
        };
    loop(3, keeping).run(2);
    StepResult result = results.getFirst();
    assertEquals(3, result.step());
    assertEquals(2, result.loss());
    assertEquals(OptionalDouble.of(4), result.gradientNorm());
    assertEquals(0.5f, result.learningRate());
    assertEquals(2, result.tokens());
  }

  @Test
  void gradientsThatAreNotClippedHaveNoNorm() {
    List<StepResult> results = new ArrayList<>();
    TrainingHook keeping =
        new TrainingHook() {
          @Override
          public void onStep(StepResult result) {
            results.add(result);
          }
        };
    Map<String, HostTensor> unclipped =
        Map.of(TrainStep.LOSS, HostTensor.scalar(1), TrainStep.LEARNING_RATE, HostTensor.scalar(1));
    new TrainingLoop(new HostExecutable(_ -> unclipped), "step", this::batch, 1, List.of(keeping))
        .run(0);
    assertTrue(results.getFirst().gradientNorm().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {TrainStep.LOSS, TrainStep.GRADIENT_NORM})
  void whatIsNoNumberEndsItAndNamesTheStep(String result) {
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      events.clear();
      HostExecutable diverging =
          new HostExecutable(
              arguments -> {
                Map<String, HostTensor> results = new HashMap<>(step(arguments));
                if (events.contains("step 1")) results.put(result, HostTensor.scalar(value));
                return results;
              });
      TrainingLoop loop =
          new TrainingLoop(diverging, "step", this::batch, 5, List.of(new Telling("a")));
      NotFiniteException diverged = assertThrows(NotFiniteException.class, () -> loop.run(0));
      assertEquals("diverged: %s is %s in step 2".formatted(result, value), diverged.getMessage());
      assertEquals("step 1", events.getLast(), "no hook hears of that step, or saves its state");
    }
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

  private TrainingLoop loop(int steps, TrainingHook... hooks) {
    return new TrainingLoop(
        new HostExecutable(this::step), "step", this::batch, steps, List.of(hooks));
  }

  /** Two of its three positions are scored. */
  private LabelledBatch batch(long step) {
    events.add("step " + step);
    return LabelledBatch.of(new int[][] {{(int) step, 7, 8}}, new int[][] {{7, 8, Padding.LABEL}});
  }

  private Map<String, HostTensor> step(Map<String, HostTensor> arguments) {
    return Map.of(
        TrainStep.LOSS,
        HostTensor.scalar(arguments.get("input_ids").ints()[0]),
        TrainStep.GRADIENT_NORM,
        HostTensor.scalar(4),
        TrainStep.LEARNING_RATE,
        HostTensor.scalar(0.5f));
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
