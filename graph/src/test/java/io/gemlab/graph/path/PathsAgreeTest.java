package io.gemlab.graph.path;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** One step trained on every path, with every attention, in one go or resumed: the same numbers. */
public class PathsAgreeTest {
  static final List<ExecutionPath> PATHS =
      List.of(new EagerPath(), new GraphPath(), new ClusteredPath(), new FusedPath());

  private static final Attention BLOCKS = new BlockwiseAttention(OptionalInt.of(12));
  private static final GraphFunction STEP = SmallTraining.step(BLOCKS);
  private static final int STEPS = 4;

  /** The uninterrupted run of the reference path. */
  private static final Run REFERENCE = run(PATHS.getFirst(), STEP);

  /** Losses before each step, and the state after the last. */
  private record Run(List<Float> losses, Map<String, float[]> state) {}

  @ParameterizedTest
  @FieldSource("PATHS")
  public void aResumedRunIsTheSameToTheBitAndEveryPathTheSameButForRounding(ExecutionPath path) {
    Run whole = run(path, STEP);
    assertClose(REFERENCE, whole);

    List<Float> losses = new ArrayList<>();
    Map<String, HostTensor> saved = new HashMap<>();
    try (Executable first = path.load(List.of(STEP))) {
      SmallTraining.initialize(STEP, first);
      for (int i = 0; i < STEPS / 2; i++) losses.add(step(first, i));
      for (GraphFunction.Input state : STEP.state()) {
        saved.put(state.spec().name(), first.read(state.spec().name()));
      }
    }
    try (Executable second = path.load(List.of(STEP))) {
      saved.forEach(second::assign);
      saved.values().forEach(HostTensor::close);
      for (int i = STEPS / 2; i < STEPS; i++) losses.add(step(second, i));
      assertEquals(whole.losses(), losses);
      Map<String, float[]> state = state(second);
      whole.state().forEach((name, values) -> assertArrayEquals(values, state.get(name), name));
    }
  }

  @Test
  void everyAttentionTrainsAlike() {
    Stream.of(
            new EagerAttention(),
            BlockwiseAttention.auto(),
            new BlockwiseAttention(OptionalInt.of(3)),
            new BlockwiseAttention(OptionalInt.of(17)),
            new BlockwiseAttention(OptionalInt.of(40)))
        .forEach(
            attention ->
                assertClose(REFERENCE, run(PATHS.getFirst(), SmallTraining.step(attention))));
  }

  private static Run run(ExecutionPath path, GraphFunction step) {
    List<Float> losses = new ArrayList<>();
    try (Executable executable = path.load(List.of(step))) {
      SmallTraining.initialize(step, executable);
      for (int i = 0; i < STEPS; i++) losses.add(step(executable, i));
      return new Run(losses, state(executable));
    }
  }

  private static float step(Executable executable, int step) {
    try (Results results = executable.run(SmallTraining.STEP, SmallTraining.arguments(step))) {
      return results.get(TrainStep.LOSS).item();
    }
  }

  private static Map<String, float[]> state(Executable executable) {
    Map<String, float[]> state = new HashMap<>();
    for (GraphFunction.Input input : STEP.state()) {
      try (HostTensor value = executable.read(input.spec().name())) {
        state.put(input.spec().name(), value.floats());
      }
    }
    return state;
  }

  /** Losses within 1e-4; first moments, sums of four gradients, within 1e-3 of their largest. */
  private static void assertClose(Run expected, Run actual) {
    for (int i = 0; i < STEPS; i++) {
      assertEquals(expected.losses().get(i), actual.losses().get(i), 1e-4, "loss " + i);
    }
    for (WeightSpec weight : WeightSpec.of(SmallTraining.CONFIG)) {
      String name = TrainStep.expAvg(weight.name());
      float[] want = expected.state().get(name);
      float[] got = actual.state().get(name);
      float largest = 0;
      for (float value : want) largest = Math.max(largest, Math.abs(value));
      assertArrayEquals(want, got, 1e-3f * largest, name);
    }
  }
}
