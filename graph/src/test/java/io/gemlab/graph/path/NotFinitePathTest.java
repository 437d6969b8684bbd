package io.gemlab.graph.path;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.loss.LossSum;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * What is no number is found on every path, wherever it comes from. XLA's maximum of 1, NaN and 3
 * is 3, so nothing that looks for it may pass through one.
 */
public class NotFinitePathTest {
  private static final TokenBatch TOKENS =
      TokenBatch.of(new int[][] {{2, 10, 11, 12, 13, 14, 15, 16}});
  private static final TrainingLoss.BatchShape BATCH = new TrainingLoss.BatchShape(1, 8);
  private static final List<Attention> ATTENTIONS =
      List.of(new EagerAttention(), BlockwiseAttention.auto());

  static Stream<ExecutionPath> paths() {
    return Stream.of(new EagerPath(), new GraphPath(), new ClusteredPath(), new FusedPath());
  }

  /** One element of one weight of each kind, of the first layer and of the last. */
  @ParameterizedTest
  @MethodSource("paths")
  public void inAWeight(ExecutionPath path) {
    for (Attention attention : ATTENTIONS) {
      Gemma2Model<TFloat32> model = model(TFloat32.class, attention);
      try (Executable executable = load(path, model)) {
        ModelWeights.initialize(model, 1, executable, Tensors.elementType(model.type()));
        executable.run("forward", TOKENS.arguments()).requireFinite();
        for (WeightSpec weight : WeightSpec.of(model.config())) {
          HostTensor fresh = ModelWeights.fresh(weight, 1, Arena.ofAuto());
          float[] planted = fresh.floats();
          planted[planted.length / 2] = Float.NaN;
          executable.assign(weight.name(), HostTensor.of(planted, weight.shape().toArray()));
          assertNotFinite(executable, weight.name() + ", " + attention.label());
          executable.assign(weight.name(), fresh);
        }
      }
    }
  }

  /** Weights that float16 holds, of a product that it doesn't: infinity, and NaN by the norm. */
  @ParameterizedTest
  @MethodSource("paths")
  public void inAnActivation(ExecutionPath path) {
    Gemma2Model<TFloat16> model = model(TFloat16.class, new EagerAttention());
    try (Executable executable = load(path, model)) {
      ModelWeights.initialize(model, 1, executable, Tensors.elementType(model.type()));
      executable.run("forward", TOKENS.arguments()).requireFinite();
      WeightSpec up =
          WeightSpec.of(model.config()).stream()
              .filter(weight -> weight.name().contains("layers.0.mlp.up_proj"))
              .findFirst()
              .orElseThrow();
      HostTensor large =
          HostTensor.zeros(Tensors.elementType(model.type()), up.shape(), Arena.ofAuto());
      for (long i = 0; i < up.shape().elements(); i++) {
        large
            .data()
            .setAtIndex(
                ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(i % 2 == 0 ? 60_000 : -60_000));
      }
      executable.assign(up.name(), large);
      assertNotFinite(executable, "float16 beyond 65504");
    }
  }

  /** A gradient that is NaN where the loss is a number, clipped or not. */
  @ParameterizedTest
  @MethodSource("paths")
  public void inAGradient(ExecutionPath path) {
    for (OptionalDouble clip : List.of(OptionalDouble.empty(), OptionalDouble.of(1))) {
      Gemma2Model<TFloat32> model = model(TFloat32.class, new EagerAttention());
      TrainStep<TFloat32> step = new TrainStep<>(model, BATCH, new NanGradient());
      GraphFunction traced =
          step.trace(
              "step",
              new TrainStep.Optimizer(
                  new AdamW(0.9, 0.95, 1e-8, 0.01), LearningRate.constant(1e-3), clip));
      try (Executable executable = path.load(List.of(traced))) {
        ModelWeights.initialize(model, 1, executable, Tensors.elementType(TFloat32.class));
        TrainStep.resetOptimizer(traced, executable);
        try (Results results =
            executable.run("step", LabelledBatch.withinRows(TOKENS).arguments())) {
          assertTrue(Float.isFinite(results.get(TrainStep.LOSS).item()));
          if (clip.isPresent()) {
            assertFalse(Float.isFinite(results.get(TrainStep.GRADIENT_NORM).item()));
            assertThrows(NotFiniteException.class, results::requireFinite);
          }
        }
        assertThrows(NotFiniteException.class, () -> TrainStep.requireFinite(traced, executable));
      }
    }
  }

  /** A gradient too large to be squared: clipped, it would be zero and the run would go on. */
  @Test
  void aGradientThatOverflowsIsNotClippedAway() {
    Gemma2Model<TFloat32> model = model(TFloat32.class, new EagerAttention());
    TrainStep<TFloat32> step = new TrainStep<>(model, BATCH, new LargeGradient());
    GraphFunction traced =
        step.trace(
            "step",
            new TrainStep.Optimizer(
                new AdamW(0.9, 0.95, 1e-8, 0.01),
                LearningRate.constant(1e-3),
                OptionalDouble.of(1)));
    try (Executable executable = new GraphPath().load(List.of(traced))) {
      ModelWeights.initialize(model, 1, executable, Tensors.elementType(TFloat32.class));
      TrainStep.resetOptimizer(traced, executable);
      try (Results results = executable.run("step", LabelledBatch.withinRows(TOKENS).arguments())) {
        assertTrue(Float.isInfinite(results.get(TrainStep.GRADIENT_NORM).item()));
      }
    }
  }

  /** Adds {@code sqrt(0 x^2)}, which is 0 and has no derivative. */
  private record NanGradient() implements TrainingLoss {
    @Override
    public <T extends TFloating> LossSum of(Trace trace, BatchShape batch, Head<T> head) {
      Ops tf = trace.ops();
      Operand<TFloat32> all =
          tf.sum(head.rawLogits(tf), tf.constant(new int[] {0, 1}))
              .asOutput()
              .expect(TFloat32.class);
      Operand<TFloat32> nothing = tf.math.sqrt(tf.math.mul(tf.math.square(all), tf.constant(0f)));
      LossSum loss = new NextTokenLoss().of(trace, batch, head);
      return new LossSum(tf.math.add(loss.sum(), nothing), loss.tokens());
    }
  }

  private record LargeGradient() implements TrainingLoss {
    @Override
    public <T extends TFloating> LossSum of(Trace trace, BatchShape batch, Head<T> head) {
      LossSum loss = new NextTokenLoss().of(trace, batch, head);
      Ops tf = trace.ops();
      return new LossSum(tf.math.mul(loss.sum(), tf.constant(1e26f)), loss.tokens());
    }
  }

  private static void assertNotFinite(Executable executable, String what) {
    try (Results results = executable.run("forward", TOKENS.arguments())) {
      assertThrows(NotFiniteException.class, results::requireFinite, what);
    }
  }

  private static <T extends TFloating> Gemma2Model<T> model(Class<T> type, Attention attention) {
    return new Gemma2Model<>(SmallTraining.CONFIG, OpChoice.of(attention), type);
  }

  private static Executable load(ExecutionPath path, Gemma2Model<?> model) {
    return path.load(
        List.of(
            new ForwardPass<>(model, 1, TOKENS.length())
                .trace("forward", ForwardPass.Returns.LOGITS_ONLY)));
  }
}
