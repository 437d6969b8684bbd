package io.gemlab.graph.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.gemma2.Parameter;
import io.gemlab.graph.gemma2.WeightKind;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Bfloat16;
import io.gemlab.ops.loss.LossSum;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** What else a step can do, on every path: skip, average, round, scale, measure. */
public class StepVariantsTest {
  private static final String STEP = "step";
  private static final LabelledBatch BATCH = SmallSteps.rows(0, 2);
  private static final AdamW ADAMW = new AdamW(0.9, 0.95, 1e-8, 0.1);
  private static final LearningRate RATE = LearningRate.constant(1e-3);

  static List<ExecutionPath> paths() {
    return SmallSteps.PATHS;
  }

  /** A session that runs nodes, and XLA. */
  static List<ExecutionPath> twoPaths() {
    return List.of(new GraphPath(), new FusedPath());
  }

  private static TrainStep.Optimizer optimizer(
      OptionalDouble ema, boolean guarded, boolean scalesLoss) {
    return new TrainStep.Optimizer(
        ADAMW, Map.of(), RATE, OptionalDouble.of(1), ema, guarded, scalesLoss);
  }

  private static Map<String, HostTensor> guarded(StepLimits limits) {
    Map<String, HostTensor> arguments = new HashMap<>(BATCH.arguments());
    arguments.putAll(limits.arguments());
    return arguments;
  }

  @ParameterizedTest
  @MethodSource("paths")
  public void aGuardedStepAboveItsLimitsLeavesAllStateAsItWas(ExecutionPath path) {
    TrainStep<TFloat32> step = SmallSteps.of(2);
    StepFunctions functions =
        new StepFunctions.Whole(step.trace(STEP, optimizer(OptionalDouble.of(0.9), true, false)));
    assertTrue(functions.isGuarded());
    try (Executable executable = SmallSteps.load(path, step, functions.all())) {
      executable.run(STEP, guarded(StepLimits.NONE)).close();
      Map<String, ByteBuffer> before = SmallSteps.bits(functions, executable);
      float loss;
      float norm;
      for (StepLimits limits :
          List.of(
              new StepLimits(0.01f, Float.POSITIVE_INFINITY),
              new StepLimits(Float.POSITIVE_INFINITY, 1e-6f))) {
        try (Results results = executable.run(STEP, guarded(limits))) {
          assertEquals(0, results.get(TrainStep.APPLIED).ints()[0]);
          loss = results.get(TrainStep.LOSS).item();
          norm = results.get(TrainStep.GRADIENT_NORM).item();
          assertTrue(loss > 0.01f && norm > 1e-6f);
        }
        assertEquals(before, SmallSteps.bits(functions, executable));
      }
      try (Results results = executable.run(STEP, guarded(StepLimits.NONE))) {
        assertEquals(1, results.get(TrainStep.APPLIED).ints()[0]);
      }
      assertNotEquals(before, SmallSteps.bits(functions, executable));
    }
  }

  /** The same of a step that ends several micro-batches: its loss is given to it. */
  @ParameterizedTest
  @MethodSource("paths")
  public void aGuardedUpdateToo(ExecutionPath path) {
    TrainStep<TFloat32> step = SmallSteps.of(2);
    TrainStep.Optimizer optimizer = optimizer(OptionalDouble.empty(), true, false);
    StepFunctions functions =
        new StepFunctions.Accumulating(
            step.traceAccumulate("accumulate", optimizer),
            step.traceUpdate("update", optimizer, TrainStep.Report.PLAIN));
    try (Executable executable = SmallSteps.load(path, step, functions.all())) {
      SmallSteps.accumulate(executable, "accumulate", List.of(BATCH));
      Map<String, ByteBuffer> before = SmallSteps.bits(functions, executable);
      for (float loss : new float[] {2, Float.NaN, 1}) {
        Map<String, HostTensor> arguments =
            new HashMap<>(new StepLimits(1.5f, Float.POSITIVE_INFINITY).arguments());
        arguments.put(TrainStep.LOSS, HostTensor.scalar(loss));
        try (Results results = executable.run("update", arguments)) {
          assertEquals(loss == 1 ? 1 : 0, results.get(TrainStep.APPLIED).ints()[0]);
        }
        assertEquals(loss != 1, before.equals(SmallSteps.bits(functions, executable)));
      }
    }
  }

  /** Adds {@code sqrt(0 w^2)}, which is 0 and has no derivative, of one weight. */
  private record NanInOneGradient(String weight) implements TrainingLoss {
    @Override
    public <T extends TFloating> LossSum of(Trace trace, BatchShape batch, Head<T> head) {
      Ops tf = trace.ops();
      Operand<TFloat32> all =
          tf.sum(head.traced().weights().get(weight), tf.constant(0))
              .asOutput()
              .expect(TFloat32.class);
      LossSum loss = new NextTokenLoss().of(trace, batch, head);
      Operand<TFloat32> nothing = tf.math.sqrt(tf.math.mul(tf.math.square(all), tf.constant(0f)));
      return new LossSum(tf.math.add(loss.sum(), nothing), loss.tokens());
    }
  }

  /** The loss is a number, and the rest of the gradients are. */
  @ParameterizedTest
  @MethodSource("paths")
  public void aGradientThatIsNoNumberIsNamed(ExecutionPath path) {
    for (String weight : List.of("model.layers.0.input_layernorm.weight", WeightSpec.FINAL_NORM)) {
      for (boolean guarded : new boolean[] {false, true}) {
        TrainStep<TFloat32> step =
            SmallSteps.of(TFloat32.class, ElementType.F32, 2, new NanInOneGradient(weight));
        StepFunctions functions =
            new StepFunctions.Whole(
                step.trace(STEP, optimizer(OptionalDouble.empty(), guarded, false)));
        try (Executable executable = SmallSteps.load(path, step, functions.all())) {
          Map<String, ByteBuffer> before = SmallSteps.bits(functions, executable);
          try (Results results =
              executable.run(STEP, guarded ? guarded(StepLimits.NONE) : BATCH.arguments())) {
            assertTrue(Float.isFinite(results.get(TrainStep.LOSS).item()));
            int[] finite = results.get(TrainStep.FINITE).ints();
            List<String> names = functions.trained().stream().map(TensorSpec::name).toList();
            for (int i = 0; i < finite.length; i++) {
              assertEquals(names.get(i).equals(weight) ? 0 : 1, finite[i], names.get(i));
            }
            assertEquals(step.parameters().trained().size(), finite.length);
          }
          assertEquals(guarded, before.equals(SmallSteps.bits(functions, executable)));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("twoPaths")
  public void theMeanOfTheWeightsBeginsWithTheFirstOnes(ExecutionPath path) {
    double decay = 0.75;
    TrainStep<TFloat32> step = SmallSteps.of(2);
    GraphFunction traced = step.trace(STEP, optimizer(OptionalDouble.of(decay), false, false));
    try (Executable executable = SmallSteps.load(path, step, List.of(traced))) {
      Map<String, double[]> means = new LinkedHashMap<>();
      for (int done = 0; done <= 3; done++) {
        for (Parameter trained : step.parameters().trained()) {
          float[] weights = SmallSteps.read(executable, trained.name());
          double[] mean = means.computeIfAbsent(trained.name(), _ -> new double[weights.length]);
          for (int i = 0; i < mean.length; i++) {
            mean[i] = done == 0 ? weights[i] : decay * mean[i] + (1 - decay) * weights[i];
          }
        }
        if (done < 3) executable.run(STEP, SmallSteps.rows(done, 2).arguments()).close();
      }
      means.forEach(
          (name, mean) -> {
            float[] got = SmallSteps.read(executable, TrainStep.ema(name));
            for (int i = 0; i < mean.length; i++) {
              assertEquals(mean[i], got[i], 1e-6 * (1 + Math.abs(mean[i])), name);
            }
          });
    }
  }

  /** Decays by group, against steps in float64 of the same gradients; the others don't decay. */
  @ParameterizedTest
  @MethodSource("twoPaths")
  public void aGroupHasADecayOfItsOwn(ExecutionPath path) {
    Map<WeightKind, Double> decays = Map.of(WeightKind.NORM, 0.0, WeightKind.EMBEDDING, 3.0);
    TrainStep<TFloat32> step = SmallSteps.of(2);
    GraphFunction traced =
        step.trace(
            STEP,
            new TrainStep.Optimizer(
                ADAMW,
                decays,
                LearningRate.constant(0.1),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                false,
                false));
    try (Executable executable =
        SmallSteps.load(path, step, List.of(traced, step.traceGradients("gradients")))) {
      Map<String, float[]> gradients = SmallSteps.gradients(executable, "gradients", BATCH);
      Map<String, float[]> before = new HashMap<>();
      for (Parameter trained : step.parameters().trained()) {
        before.put(trained.name(), SmallSteps.read(executable, trained.name()));
      }
      executable.run(STEP, BATCH.arguments()).close();
      for (Parameter trained : step.parameters().trained()) {
        double decay = decays.getOrDefault(trained.weight().first().kind(), 0.1);
        float[] from = before.get(trained.name());
        float[] gradient = gradients.get(trained.name());
        float[] got = SmallSteps.read(executable, trained.name());
        float largest = SmallSteps.largest(gradient);
        for (int i = 0; i < got.length; i++) {
          if (Math.abs(gradient[i]) < 1e-3 * largest) continue; // the sign is rounding
          double direction = gradient[i] / (Math.abs(gradient[i]) + 1e-8);
          double want = from[i] - 0.1 * (direction + decay * from[i]);
          assertEquals(want, got[i], 1e-4 * (1 + Math.abs(want)), trained.name());
        }
      }
    }
  }

  /** What is stored is the nearest bfloat16, and how much of it stayed is counted. */
  @ParameterizedTest
  @MethodSource("twoPaths")
  public void weightsInBfloat16AreRoundedAndTellWhatStayed(ExecutionPath path) {
    TrainStep<TFloat32> narrow = SmallSteps.of(TFloat32.class, ElementType.BF16, 2);
    GraphFunction traced = narrow.trace(STEP, SmallSteps.OPTIMIZER);
    try (Executable executable = SmallSteps.load(path, narrow, List.of(traced))) {
      Map<String, float[]> before = new HashMap<>();
      for (Parameter trained : narrow.parameters().trained()) {
        before.put(trained.name(), SmallSteps.read(executable, trained.name()));
      }
      try (Results results = executable.run(STEP, BATCH.arguments())) {
        int[] unchanged = results.get(TrainStep.UNCHANGED).ints();
        int tensor = 0;
        for (Parameter trained : narrow.parameters().trained()) {
          float[] from = before.get(trained.name());
          float[] to = SmallSteps.read(executable, trained.name());
          float[] mean = SmallSteps.read(executable, TrainStep.expAvg(trained.name()));
          float[] square = SmallSteps.read(executable, TrainStep.expAvgSq(trained.name()));
          int stayed = 0;
          int off = 0;
          for (int i = 0; i < to.length; i++) {
            if (to[i] == from[i]) stayed++;
            double direction = mean[i] / 0.1 / (Math.sqrt(square[i] / 0.05) + 1e-8);
            double want = from[i] - 1e-3 * (direction + 0.1 * from[i]);
            if (to[i] != Bfloat16.round((float) want)) off++;
          }
          assertTrue(off <= 2 + to.length / 200, trained.name() + ": " + off + " rounded off");
          assertEquals(stayed, unchanged[tensor++], 1 + to.length / 1000.0, trained.name());
        }
        assertTrue(unchanged[0] > 0, "a rate of 1e-3 is below half a unit of a weight near 1");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("twoPaths")
  public void aDiagnosticStepTellsWhatBfloat16WouldLose(ExecutionPath path) {
    TrainStep<TFloat32> step = SmallSteps.of(2);
    StepFunctions functions =
        new StepFunctions.Whole(
            step.trace(STEP, SmallSteps.OPTIMIZER, TrainStep.Report.LOST_UPDATES));
    try (Executable executable = SmallSteps.load(path, step, functions.all())) {
      Map<String, float[]> before = new HashMap<>();
      for (TensorSpec trained : functions.trained()) {
        before.put(trained.name(), SmallSteps.read(executable, trained.name()));
      }
      try (Results results = executable.run(STEP, BATCH.arguments())) {
        int[] moved = results.get(TrainStep.MOVED).ints();
        int[] lost = results.get(TrainStep.LOST).ints();
        int tensor = 0;
        for (TensorSpec trained : functions.trained()) {
          float[] from = before.get(trained.name());
          float[] to = SmallSteps.read(executable, trained.name());
          int moves = 0;
          int stays = 0;
          for (int i = 0; i < to.length; i++) {
            float by = to[i] - from[i];
            if (by == 0) continue;
            moves++;
            float kept = Bfloat16.round(from[i]);
            if (Bfloat16.round(kept + by) == kept) stays++;
          }
          double rounding = 1 + to.length / 1000.0;
          assertEquals(moves, moved[tensor], rounding, trained.name());
          assertEquals(stays, lost[tensor++], rounding, trained.name());
        }
        assertTrue(lost[0] > 0 && lost[0] < moved[0]);
      }
    }
  }

  /**
   * In float16: the scale is taken back, doubles when it is due, and halves where it is too much.
   */
  @ParameterizedTest
  @MethodSource("twoPaths")
  public void lossScalingIsThatOfGradScaler(ExecutionPath path) {
    TrainStep<TFloat16> step = SmallSteps.of(TFloat16.class, ElementType.F32, 2);
    StepFunctions functions =
        new StepFunctions.Whole(step.trace(STEP, optimizer(OptionalDouble.empty(), false, true)));
    double norm;
    TrainStep<TFloat32> wide = SmallSteps.of(2);
    try (Executable executable =
            SmallSteps.load(
                new GraphPath(), wide, List.of(wide.trace(STEP, SmallSteps.OPTIMIZER)));
        Results results = executable.run(STEP, BATCH.arguments())) {
      norm = results.get(TrainStep.GRADIENT_NORM).item();
    }
    try (Executable executable = SmallSteps.load(path, step, functions.all())) {
      try (Results results = executable.run(STEP, BATCH.arguments())) {
        assertEquals(65_536, results.get(TrainStep.LOSS_SCALE).item());
        assertEquals(1, results.get(TrainStep.APPLIED).ints()[0]);
        assertEquals(norm, results.get(TrainStep.GRADIENT_NORM).item(), 0.02 * norm);
      }
      assertScale(executable, 65_536, 1);
      executable.assign(LossScale.GROWTH, HostTensor.scalar(LossScale.GROWTH_INTERVAL - 1));
      executable.run(STEP, BATCH.arguments()).close();
      assertScale(executable, 131_072, 0);

      executable.assign(LossScale.SCALE, HostTensor.scalar(0x1p120f));
      executable.assign(LossScale.GROWTH, HostTensor.scalar(5));
      Map<String, ByteBuffer> before = SmallSteps.bits(functions, executable);
      try (Results results = executable.run(STEP, BATCH.arguments())) {
        assertEquals(0, results.get(TrainStep.APPLIED).ints()[0]);
        assertTrue(Float.isFinite(results.get(TrainStep.LOSS).item()));
      }
      assertScale(executable, 0x1p119f, 0);
      Map<String, ByteBuffer> after = SmallSteps.bits(functions, executable);
      for (String scaling : List.of(LossScale.SCALE, LossScale.GROWTH)) {
        before.remove(scaling);
        after.remove(scaling);
      }
      assertEquals(before, after);
    }
  }

  private static void assertScale(Executable executable, float scale, float steps) {
    assertArrayEquals(new float[] {scale}, SmallSteps.read(executable, LossScale.SCALE));
    assertArrayEquals(new float[] {steps}, SmallSteps.read(executable, LossScale.GROWTH));
  }

  @Test
  void trainedWeightsAreKeptInFloat32OrBfloat16() {
    assertEquals(
        "model.embed_tokens.weight is stored in float16; store trained weights in float32 or bfloat16",
        assertThrows(InvalidInput.class, () -> SmallSteps.of(TFloat16.class, ElementType.F16, 1))
            .getMessage());
  }
}
