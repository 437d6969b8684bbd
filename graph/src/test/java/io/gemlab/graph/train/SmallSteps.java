package io.gemlab.graph.train;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.Parameter;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.gemma2.Trainable;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.SmallTraining;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.Padding;
import io.gemlab.ops.attention.EagerAttention;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** Training steps of {@link SmallTraining}'s model over rows with ragged masks. */
public final class SmallSteps {
  /** Tokens of a row. */
  public static final int LENGTH = 24;

  /** Every path of this module. */
  public static final List<ExecutionPath> PATHS =
      List.of(new EagerPath(), new GraphPath(), new ClusteredPath(), new FusedPath());

  /** A rule that moves every weight. */
  public static final TrainStep.Optimizer OPTIMIZER =
      new TrainStep.Optimizer(
          new AdamW(0.9, 0.95, 1e-8, 0.1), LearningRate.constant(1e-3), OptionalDouble.empty());

  private SmallSteps() {}

  /** Steps of a model that computes and is stored in float32. */
  public static TrainStep<TFloat32> of(int rows) {
    return of(TFloat32.class, ElementType.F32, rows);
  }

  /** Steps of a model that computes in one type and is stored in another. */
  static <T extends TFloating> TrainStep<T> of(Class<T> type, ElementType stored, int rows) {
    return of(type, stored, rows, new NextTokenLoss());
  }

  static <T extends TFloating> TrainStep<T> of(
      Class<T> type, ElementType stored, int rows, TrainingLoss loss) {
    Gemma2Model<T> model =
        new Gemma2Model<>(SmallTraining.CONFIG, OpChoice.of(new EagerAttention()), type);
    return new TrainStep<>(
        model,
        Parameters.of(model, Trainable.ALL, stored, stored),
        new TrainingLoss.BatchShape(rows, LENGTH),
        loss);
  }

  /** Loads functions over fresh weights, ten times as large as usual, and a fresh optimizer. */
  public static Executable load(
      ExecutionPath path, TrainStep<?> step, List<GraphFunction> functions) {
    Executable executable = path.load(functions);
    for (Parameter parameter : step.parameters().all()) {
      WeightSpec weight = parameter.weight().first();
      float[] values = ModelWeights.fresh(weight, 1, Arena.ofAuto()).floats();
      for (int i = 0; i < values.length; i++) values[i] *= 10;
      executable.assign(
          weight.name(),
          Narrow.of(HostTensor.of(values, weight.shape().toArray()), parameter.storageType()));
    }
    functions.forEach(function -> TrainStep.resetOptimizer(function, executable));
    return executable;
  }

  /**
   * Rows of which the first scores all its tokens, the second three, the third one, the fourth half
   * of them, the fifth nine; padding at either side, and holes among labels.
   */
  public static LabelledBatch rows(int first, int count) {
    int[][] ids = new int[count][];
    int[][] mask = new int[count][LENGTH];
    int[][] labels = new int[count][LENGTH];
    for (int b = 0; b < count; b++) {
      SplittableRandom random = new SplittableRandom(first + b);
      ids[b] = random.ints(LENGTH, 4, SmallTraining.CONFIG.vocabSize()).toArray();
      int scored = new int[] {LENGTH, 3, 1, LENGTH / 2, 9}[(first + b) % 5];
      int padding = (first + b) % 3;
      for (int t = 0; t < LENGTH; t++) {
        mask[b][t] = t >= padding ? 1 : 0;
        boolean isScored = mask[b][t] == 1 && LENGTH - t <= scored && t % 5 != 4;
        labels[b][t] = isScored ? random.nextInt(SmallTraining.CONFIG.vocabSize()) : Padding.LABEL;
      }
    }
    return new LabelledBatch(new TokenBatch(ids, mask), labels);
  }

  /** The rows of several batches as one. */
  public static LabelledBatch joined(List<LabelledBatch> batches) {
    List<int[]> ids = new ArrayList<>();
    List<int[]> mask = new ArrayList<>();
    List<int[]> labels = new ArrayList<>();
    for (LabelledBatch batch : batches) {
      ids.addAll(List.of(batch.tokens().inputIds()));
      mask.addAll(List.of(batch.tokens().attentionMask()));
      labels.addAll(List.of(batch.labels()));
    }
    return new LabelledBatch(
        new TokenBatch(ids.toArray(int[][]::new), mask.toArray(int[][]::new)),
        labels.toArray(int[][]::new));
  }

  /** What a step's function gives as the loss of a batch. */
  static float loss(Executable executable, String function, LabelledBatch batch) {
    try (Results results = executable.run(function, batch.arguments())) {
      return results.get(TrainStep.LOSS).item();
    }
  }

  /** The logits of a batch by a forward pass called {@code forward}, [B, T, V]. */
  static float[] logits(Executable executable, LabelledBatch batch) {
    try (Results results = executable.run("forward", batch.tokens().arguments())) {
      return results.get(ForwardPass.LOGITS).floats();
    }
  }

  /** The logits at one position, [V], of those of a batch. */
  static double[] scores(float[] logits_MV, int position) {
    int vocabulary = SmallTraining.CONFIG.vocabSize();
    return IntStream.range(0, vocabulary)
        .mapToDouble(v -> logits_MV[position * vocabulary + v])
        .toArray();
  }

  /** Accumulates the gradients of a step's micro-batches. */
  public static void accumulate(
      Executable executable, String function, List<LabelledBatch> batches) {
    int tokens = batches.stream().mapToInt(LabelledBatch::scored).sum();
    for (int number = 0; number < batches.size(); number++) {
      executable.run(function, arguments(batches.get(number), number, tokens)).close();
    }
  }

  /** What accumulating takes. */
  static Map<String, HostTensor> arguments(LabelledBatch batch, int number, int stepTokens) {
    Map<String, HostTensor> arguments = new HashMap<>(batch.arguments());
    arguments.put(TrainStep.MICRO_BATCH, HostTensor.of(new int[] {number}));
    arguments.put(TrainStep.STEP_TOKENS, HostTensor.scalar(stepTokens));
    return arguments;
  }

  /** The gradients accumulated so far, by weight. */
  public static Map<String, float[]> accumulated(TrainStep<?> step, Executable executable) {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    for (Parameter trained : step.parameters().trained()) {
      gradients.put(trained.name(), read(executable, TrainStep.gradient(trained.name())));
    }
    return gradients;
  }

  /** The gradients of a batch's mean loss, by weight. */
  public static Map<String, float[]> gradients(
      Executable executable, String function, LabelledBatch batch) {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    try (Results results = executable.run(function, batch.arguments())) {
      results.tensors().forEach((name, value) -> gradients.put(name, value.floats()));
    }
    gradients.remove(TrainStep.LOSS);
    return gradients;
  }

  static float[] read(Executable executable, String state) {
    try (HostTensor value = executable.read(state)) {
      return Narrow.floats(value);
    }
  }

  /** The bits of all state, by name. */
  static Map<String, ByteBuffer> bits(StepFunctions functions, Executable executable) {
    Map<String, ByteBuffer> bits = new LinkedHashMap<>();
    for (GraphFunction.Input input : functions.state()) {
      try (HostTensor value = executable.read(input.spec().name())) {
        bits.put(input.spec().name(), ByteBuffer.wrap(value.data().toArray(ValueLayout.JAVA_BYTE)));
      }
    }
    return bits;
  }

  static float largest(float[] values) {
    float largest = 0;
    for (float value : values) largest = Math.max(largest, Math.abs(value));
    return largest;
  }
}
