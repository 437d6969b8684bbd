package io.gemlab.experiments.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.checkpoint.SafetensorsWriter;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.Depth.Layers;
import io.gemlab.graph.gemma2.Depth.Remat;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.Parameter;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.gemma2.Trainable;
import io.gemlab.graph.gemma2.WeightKind;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.StepFunctions;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.weights.LoadProgress;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** A run that was stopped goes on as if it had not been, whatever it trains and is stored in. */
class RunStateTest {
  private static final int STEPS = 4;
  private static final Depth SCANNED = new Depth(Layers.SCANNED, Remat.LAYER);

  @TempDir Path folder;

  /** What is trained, and how it and the rest are stored. */
  private enum Kind {
    ALL_FLOAT32,
    ALL_FLOAT32_SCANNED,
    FROZEN_BFLOAT16,
    FROZEN_INT8,
    FROZEN_INT4;

    Run run() {
      Trainable norms = new Trainable(EnumSet.of(WeightKind.NORM), Optional.empty());
      Trainable some = Trainable.without(WeightKind.NORM, WeightKind.MLP);
      return switch (this) {
        case ALL_FLOAT32 ->
            run(TFloat32.class, Depth.PLAIN, Quantization.NONE, Trainable.ALL, ElementType.F32);
        case ALL_FLOAT32_SCANNED ->
            run(TFloat32.class, SCANNED, Quantization.NONE, Trainable.ALL, ElementType.F32);
        case FROZEN_BFLOAT16 ->
            run(TBfloat16.class, Depth.PLAIN, Quantization.NONE, some, ElementType.BF16);
        case FROZEN_INT8 ->
            run(TFloat32.class, Depth.PLAIN, Quantization.INT8, norms, ElementType.F32);
        case FROZEN_INT4 ->
            run(TFloat32.class, Depth.PLAIN, Quantization.INT4, norms, ElementType.F32);
      };
    }

    private static <T extends TFloating> Run run(
        Class<T> type,
        Depth depth,
        Quantization quantization,
        Trainable trainable,
        ElementType frozen) {
      Gemma2Model<T> model =
          new Gemma2Model<>(
              SmallModel.config(), OpChoice.of(new EagerAttention()), type, depth, quantization);
      Parameters parameters = Parameters.of(model, trainable, ElementType.F32, frozen);
      return new Run(
          parameters,
          new TrainStep<>(model, parameters, new TrainingLoss.BatchShape(2, 8), new NextTokenLoss())
              .trace(
                  "step",
                  new TrainStep.Optimizer(
                      new AdamW(0.9, 0.95, 1e-8, 0.01),
                      new LearningRate(1e-2, 1, STEPS, 0.1),
                      OptionalDouble.of(1))));
    }
  }

  private record Run(Parameters parameters, GraphFunction step) {
    Executable load() {
      return new GraphPath().load(List.of(step));
    }

    void train(Executable executable, int from, int to, TrainingHook... hooks) {
      new TrainingLoop(
              executable,
              new StepFunctions.Whole(step),
              number -> List.of(batch(number)),
              to,
              List.of(hooks))
          .run(from);
    }

    private static LabelledBatch batch(long step) {
      return LabelledBatch.withinRows(
          TokenBatch.random(step, 2, 8, SmallModel.config().vocabSize()));
    }

    Map<String, byte[]> states(Executable executable) {
      Map<String, byte[]> states = new HashMap<>();
      for (GraphFunction.Input state : step.state()) {
        try (HostTensor value = executable.read(state.spec().name())) {
          states.put(state.spec().name(), value.data().toArray(ValueLayout.JAVA_BYTE));
        }
      }
      return states;
    }

    Set<String> frozen() {
      return parameters.frozen().stream()
          .map(Parameter::states)
          .flatMap(states -> states.stream().map(state -> state.name()))
          .collect(Collectors.toSet());
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void goesOnToTheSameBitsWithoutABase(Kind kind) {
    goesOnToTheSameBits(kind.run(), Optional.empty(), Optional.empty());
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void goesOnToTheSameBitsUponABase(Kind kind) {
    Run run = kind.run();
    Path base = SmallModel.checkpoint(folder);
    goesOnToTheSameBits(
        run,
        Optional.of(new FrozenBase(base, run.parameters())),
        Optional.of(new FrozenBase(base, run.parameters())));
  }

  private void goesOnToTheSameBits(
      Run run, Optional<FrozenBase> base, Optional<FrozenBase> resumed) {
    Path file = folder.resolve("run.safetensors");
    StepCurves losses = new StepCurves();
    Map<String, byte[]> atTwo;
    Map<String, byte[]> expected;
    try (Executable executable = run.load()) {
      begin(run, base, executable);
      run.train(executable, 0, 2, losses);
      atTwo = run.states(executable);
      new RunState(file, new StepFunctions.Whole(run.step()).kept(), base, List.of(losses))
          .save(executable, 2);
      run.train(executable, 2, STEPS, losses);
      expected = run.states(executable);
    }
    assertHolds(run, file, base.isPresent(), atTwo);
    StepCurves again = new StepCurves();
    RunState state =
        new RunState(file, new StepFunctions.Whole(run.step()).kept(), resumed, List.of(again));
    try (Executable executable = run.load()) {
      assertEquals(2, state.restore(executable));
      assertSame(atTwo, run.states(executable));
      assertEquals(losses.losses().subList(0, 2), again.losses());
      run.train(executable, 2, STEPS, again);
      state.save(executable, STEPS);
      assertSame(expected, run.states(executable));
      assertEquals(losses.losses(), again.losses());
      assertEquals(STEPS, state.restore(executable));
    }
  }

  private static void begin(Run run, Optional<FrozenBase> base, Executable executable) {
    base.ifPresentOrElse(
        checkpoint -> checkpoint.load(executable, LoadProgress.IGNORED),
        () -> ModelWeights.initialize(run.parameters(), 1, executable));
    TrainStep.resetOptimizer(run.step(), executable);
  }

  /** The state's own bits, and no frozen weight that a base holds. */
  private static void assertHolds(Run run, Path file, boolean hasBase, Map<String, byte[]> states) {
    try (SafetensorsFile saved = SafetensorsFile.open(file)) {
      for (GraphFunction.Input state : run.step().state()) {
        String name = state.spec().name();
        boolean elsewhere = hasBase && run.frozen().contains(name);
        assertEquals(!elsewhere, saved.tensors().containsKey(name), name);
        if (elsewhere) continue;
        assertEquals(state.spec().type(), saved.tensor(name).type(), name);
        assertArrayEquals(
            states.get(name), saved.segment(name).toArray(ValueLayout.JAVA_BYTE), name);
      }
    }
  }

  private static void assertSame(Map<String, byte[]> expected, Map<String, byte[]> states) {
    assertEquals(expected.keySet(), states.keySet());
    expected.forEach((name, bytes) -> assertArrayEquals(bytes, states.get(name), name));
  }

  @Test
  void refusesABaseThatIsGoneOrAnother() throws IOException {
    Run run = Kind.FROZEN_INT8.run();
    Path base = SmallModel.checkpoint(folder);
    Path file = folder.resolve("run.safetensors");
    FrozenBase frozen = new FrozenBase(base, run.parameters());
    try (Executable executable = run.load()) {
      begin(run, Optional.of(frozen), executable);
      new RunState(file, new StepFunctions.Whole(run.step()).kept(), Optional.of(frozen), List.of())
          .save(executable, 0);
    }
    Path weights = base.resolve("model.safetensors");
    String expected = Sha256.of(weights);
    byte[] changed = Files.readAllBytes(weights);
    changed[changed.length - 1] ^= 1;
    Files.write(weights, changed);
    String message = refused(run, file, Optional.of(new FrozenBase(base, run.parameters())));
    for (String part :
        List.of(weights.toString(), expected, Sha256.of(weights), "put that file back")) {
      assertTrue(message.contains(part), message);
    }
    Files.delete(weights);
    message = refused(run, file, Optional.of(new FrozenBase(base, run.parameters())));
    for (String part : List.of(weights + " is gone", expected, "or delete " + file)) {
      assertTrue(message.contains(part), message);
    }
    assertTrue(
        refused(run, file, Optional.empty()).contains("and this run does not: {\"folder\":"));
  }

  @Test
  void refusesWhatIsNoStateOfThisRun() throws IOException {
    Run run = Kind.ALL_FLOAT32.run();
    Path file = folder.resolve("run.safetensors");
    HostTensor weight = HostTensor.of(new float[] {1}, 1);
    SafetensorsWriter.write(
        file, List.of(TensorToWrite.exactly("model.norm.weight", weight)), Map.of());
    String old =
        file
            + " is not the state of an unfinished run as this version of Gemlab writes it;"
            + " delete it, and the run begins again";
    assertEquals(old, refused(run, file, Optional.empty()));
    assertEquals(
        old, assertThrows(InvalidInput.class, () -> RunState.requireReadable(file)).getMessage());

    try (Executable executable = run.load()) {
      begin(run, Optional.empty(), executable);
      new RunState(file, new StepFunctions.Whole(run.step()).kept(), Optional.empty(), List.of())
          .save(executable, 1);
    }
    RunState.requireReadable(file);
    assertTrue(
        refused(Kind.FROZEN_BFLOAT16.run(), file, Optional.empty()).contains(" has no model."));
    Files.writeString(file, "half a file");
    assertThrows(InvalidInput.class, () -> RunState.requireReadable(file));
  }

  private static String refused(Run run, Path file, Optional<FrozenBase> base) {
    RunState state =
        new RunState(file, new StepFunctions.Whole(run.step()).kept(), base, List.of());
    try (Executable executable = run.load()) {
      return assertThrows(InvalidInput.class, () -> state.restore(executable)).getMessage();
    }
  }

  @Test
  void isGoneWhenItIsDeleted() throws IOException {
    Path file = Files.createFile(folder.resolve("run.safetensors"));
    Files.createFile(folder.resolve(".run.safetensors.partial-0badcafe"));
    RunState.delete(file);
    try (var left = Files.list(folder)) {
      assertFalse(left.findAny().isPresent());
    }
  }
}
