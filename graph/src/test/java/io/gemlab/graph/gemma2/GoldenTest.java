package io.gemlab.graph.gemma2;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.checkpoint.HfCheckpoint;
import io.gemlab.graph.path.ClusteredPath;
import io.gemlab.graph.path.EagerPath;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.FusedPath;
import io.gemlab.graph.path.GraphPath;
import io.gemlab.graph.path.Results;
import io.gemlab.graph.tensor.ElementType;
import io.gemlab.graph.tensor.HostTensor;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.attention.SdpaAttention;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.types.TFloat32;

/**
 * Against Hugging Face's float32: logits within 1e-3, hidden states and gradients within 1e-3 of
 * the tensor's largest, three AdamW steps, padding; every attention on every path, each function
 * traced once for all four.
 */
class GoldenTest {
  private static final List<ExecutionPath> PATHS =
      List.of(new EagerPath(), new GraphPath(), new ClusteredPath(), new FusedPath());

  /** Blocks that the 24 tokens and the window of 8 do not fill evenly. */
  private static final Attention SMALL_BLOCKS = new BlockwiseAttention(OptionalInt.of(5));

  private static final Map<String, List<GraphFunction>> TRACED = new ConcurrentHashMap<>();

  static Stream<Arguments> combinations() {
    return PATHS.stream()
        .flatMap(
            path ->
                Stream.of(
                    Arguments.of("ckpt_f32", new EagerAttention(), path, List.of("A", "C")),
                    Arguments.of("ckpt_f32", BlockwiseAttention.auto(), path, List.of("A", "C")),
                    Arguments.of("ckpt_f32", SMALL_BLOCKS, path, List.of("A", "C")),
                    Arguments.of("ckpt_nosoftcap", new EagerAttention(), path, List.of("B")),
                    Arguments.of("ckpt_nosoftcap", BlockwiseAttention.auto(), path, List.of("B")),
                    Arguments.of("ckpt_nosoftcap", new SdpaAttention(), path, List.of("B"))));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("combinations")
  void agreesWithHuggingFace(
      String folder, Attention attention, ExecutionPath path, List<String> variants) {
    List<GraphFunction> functions =
        TRACED.computeIfAbsent(folder + attention, key -> trace(folder, attention));
    try (Executable executable = path.load(functions);
        HfCheckpoint checkpoint = HfCheckpoint.open(golden(folder))) {
      for (String variant : variants) {
        ModelWeights.load(checkpoint, Golden.config(folder), executable, ElementType.F32);
        forward(executable, variant);
        gradients(executable, variant);
        threeSteps(executable, variant);
      }
    }
  }

  private static List<GraphFunction> trace(String folder, Attention attention) {
    Gemma2Model<TFloat32> model =
        new Gemma2Model<>(Golden.config(folder), OpChoice.of(attention), TFloat32.class);
    TrainStep<TFloat32> step =
        new TrainStep<>(model, new TrainingLoss.Batch(2, 24), new NextTokenLoss());
    return List.of(
        new ForwardPass<>(model, 2, 24).trace("forward", ForwardPass.Returns.HIDDEN_STATES),
        step.traceGradients("gradients"),
        step.trace(
            "step",
            new TrainStep.Optimizer(
                new AdamW(0.9, 0.95, 1e-8, 0.01),
                LearningRate.constant(1e-3),
                OptionalDouble.empty())));
  }

  private static void forward(Executable executable, String variant) {
    TokenBatch batch = Golden.batch(variant);
    Map<String, float[]> expected = Golden.tensors(variant);
    try (Results results = executable.run("forward", batch.arguments())) {
      for (Map.Entry<String, HostTensor> result : results.tensors().entrySet()) {
        String name = result.getKey();
        float[] want = expected.get(name);
        double allowed = name.equals(ForwardPass.LOGITS) ? 1e-3 : 1e-3 * largest(want);
        double off = largestAtTokens(result.getValue().floats(), want, batch);
        assertTrue(off <= allowed, variant + " " + name + " is off by " + off);
      }
    }
  }

  private static void gradients(Executable executable, String variant) {
    Map<String, float[]> expected = Golden.tensors(variant + "_grads");
    try (Results results = executable.run("gradients", labelled(variant))) {
      assertEquals(Golden.losses(variant)[0], results.get(TrainStep.LOSS).item(), 1e-4);
      assertEquals(expected.size() + 1, results.tensors().size());
      expected.forEach(
          (name, want) -> {
            double off = largestDifference(results.get(name).floats(), want);
            double relative = off / largest(want);
            assertTrue(relative <= 1e-3, variant + " d" + name + " is off by " + relative);
          });
    }
  }

  /** Steps are close to the learning rate times the gradient's sign, so a few entries may flip. */
  private static void threeSteps(Executable executable, String variant) {
    resetOptimizer(executable, variant);
    double[] losses = Golden.losses(variant);
    for (int i = 0; i < 3; i++) {
      try (Results results = executable.run("step", labelled(variant))) {
        assertEquals(losses[i], results.get(TrainStep.LOSS).item(), 1e-2);
      }
    }
    try (Results after = executable.run("gradients", labelled(variant))) {
      assertEquals(losses[3], after.get(TrainStep.LOSS).item(), 1e-2);
    }
    List<Double> differences = new ArrayList<>();
    Golden.tensors(variant + "_adamw3")
        .forEach(
            (name, want) -> {
              try (HostTensor weight = executable.read(name)) {
                float[] got = weight.floats();
                for (int i = 0; i < want.length; i++) {
                  differences.add((double) Math.abs(got[i] - want[i]));
                }
              }
            });
    assertTrue(share(differences, 1e-5) >= 0.80, variant + " within 1e-5");
    assertTrue(share(differences, 1e-4) >= 0.995, variant + " within 1e-4");
  }

  private static void resetOptimizer(Executable executable, String variant) {
    Gemma2Config config = Golden.config(variant.equals("B") ? "ckpt_nosoftcap" : "ckpt_f32");
    executable.assign(TrainStep.STEP, HostTensor.scalar(0));
    for (WeightSpec weight : WeightSpec.of(config)) {
      HostTensor zeros = HostTensor.zeros(ElementType.F32, weight.shape());
      executable.assign(TrainStep.expAvg(weight.name()), zeros);
      executable.assign(TrainStep.expAvgSq(weight.name()), zeros);
    }
  }

  private static Map<String, HostTensor> labelled(String variant) {
    TokenBatch batch = Golden.batch(variant);
    Map<String, HostTensor> arguments = new HashMap<>(batch.arguments());
    arguments.put(NextTokenLoss.LABELS, HostTensor.of(batch.labels()));
    return arguments;
  }

  private static double share(List<Double> differences, double within) {
    return (double) differences.stream().filter(difference -> difference <= within).count()
        / differences.size();
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) largest = Math.max(largest, Math.abs(value));
    return largest;
  }

  private static double largestDifference(float[] got, float[] want) {
    assertEquals(want.length, got.length);
    double largest = 0;
    for (int i = 0; i < got.length; i++) largest = Math.max(largest, Math.abs(got[i] - want[i]));
    return largest;
  }

  /** Over [B, T, ...], where the token is not padding: there values mean nothing. */
  private static double largestAtTokens(float[] got, float[] want, TokenBatch batch) {
    assertEquals(want.length, got.length);
    int width = got.length / (batch.rows() * batch.length());
    double largest = 0;
    for (int i = 0; i < got.length; i++) {
      int token = i / width;
      if (batch.attentionMask()[token / batch.length()][token % batch.length()] == 0) continue;
      largest = Math.max(largest, Math.abs(got[i] - want[i]));
    }
    return largest;
  }
}
