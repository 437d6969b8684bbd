package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.product.ProductKernel;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.attention.SdpaAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Against Hugging Face's float32: logits within 1e-3, hidden states and gradients within 1e-3 of
 * the tensor's largest, three AdamW steps, padding; every attention on every path, each function
 * traced once for all four.
 */
public class GoldenTest {
  /** Blocks that the 24 tokens and the window of 8 do not fill evenly. */
  private static final Attention SMALL_BLOCKS = new BlockwiseAttention(OptionalInt.of(5));

  private static final Map<String, List<GraphFunction>> TRACED = new ConcurrentHashMap<>();

  static Stream<Arguments> combinations() {
    return combinations(Golden.PATHS);
  }

  /** What {@link #agreesWithHuggingFace} takes, for any paths. */
  public static Stream<Arguments> combinations(List<ExecutionPath> paths) {
    List<String> capped = List.of("A", "C");
    List<String> uncapped = List.of("B");
    return Stream.of(
            combination(paths, "ckpt_f32", new EagerAttention(), capped),
            combination(paths, "ckpt_f32", BlockwiseAttention.auto(), capped),
            combination(paths, "ckpt_nosoftcap", new EagerAttention(), uncapped),
            combination(paths, "ckpt_nosoftcap", BlockwiseAttention.auto(), uncapped),
            combination(paths, "ckpt_nosoftcap", new SdpaAttention(), uncapped),
            combination(paths, "ckpt_gemma3", new EagerAttention(), List.of("G")))
        .flatMap(each -> each);
  }

  private static Stream<Arguments> combination(
      List<ExecutionPath> paths, String folder, Attention attention, List<String> variants) {
    return paths.stream().map(path -> Arguments.of(folder, attention, path, variants));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("combinations")
  public void agreesWithHuggingFace(
      String folder, Attention attention, ExecutionPath path, List<String> variants) {
    agreesWithHuggingFace(folder, attention, path, variants, 1);
  }

  /**
   * The same for a batch of so many copies of the golden one, whose mean loss and gradients are the
   * same: a mesh cuts a batch into more shards than the golden one has rows.
   */
  public void agreesWithHuggingFace(
      String folder, Attention attention, ExecutionPath path, List<String> variants, int copies) {
    OpChoice choice = OpChoice.of(attention);
    List<GraphFunction> functions =
        TRACED.computeIfAbsent(
            folder + attention + copies,
            key ->
                traced(
                    new GoldenFunctions(Golden.config(folder), choice, Depth.PLAIN, 2 * copies)));
    try (Executable executable = path.load(functions)) {
      for (String variant : variants) {
        TokenBatch batch = Golden.batch(variant);
        Golden.loadWeights(folder, executable);
        forward(executable, variant, copied(batch, copies));
        forward(executable, variant, copied(rightPadded(batch), copies));
        TrainStep.resetOptimizer(functions.getLast(), executable);
        threeSteps(
            executable, variant, LabelledBatch.withinRows(copied(batch, copies)).arguments());
      }
    }
  }

  /** A choice of kernels by shape may make each product this one. */
  @ParameterizedTest
  @ValueSource(strings = {"graph", "clustered"})
  void transposedProductsAgreeToo(String label) {
    ExecutionPath path =
        Golden.PATHS.stream().filter(each -> each.label().equals(label)).findFirst().orElseThrow();
    agreesWithHuggingFace(
        "ckpt_f32",
        new EagerAttention(),
        path.withProducts(Products.pinned(ProductKernel.TRANSPOSED)),
        List.of("A", "C"));
  }

  private static TokenBatch copied(TokenBatch batch, int copies) {
    int[][] ids = new int[batch.rows() * copies][];
    int[][] mask = new int[batch.rows() * copies][];
    for (int b = 0; b < ids.length; b++) {
      ids[b] = batch.inputIds()[b % batch.rows()];
      mask[b] = batch.attentionMask()[b % batch.rows()];
    }
    return new TokenBatch(ids, mask);
  }

  /** The rows of a tensor once more, as often as {@code length} asks for. */
  private static float[] copied(float[] rows, int length) {
    float[] all = new float[length];
    for (int i = 0; i < length; i++) all[i] = rows[i % rows.length];
    return all;
  }

  private static List<GraphFunction> traced(GoldenFunctions functions) {
    return List.of(functions.forward(), functions.step(OptionalDouble.empty()));
  }

  /** Other blocks, and the gradients by themselves, where nothing has to be compiled for them. */
  @ParameterizedTest
  @ValueSource(strings = {"A", "C"})
  void smallBlocksAgreeToo(String variant) {
    GoldenFunctions functions = new GoldenFunctions("ckpt_f32", OpChoice.of(SMALL_BLOCKS));
    for (ExecutionPath path : List.of(new EagerPath(), new GraphPath())) {
      try (Executable executable = path.load(List.of(functions.forward(), functions.gradients()))) {
        Golden.loadWeights("ckpt_f32", executable);
        forward(executable, variant, Golden.batch(variant));
        Map<String, HostTensor> labelled = Golden.labelled(variant);
        try (Results results = executable.run(GoldenFunctions.GRADIENTS, labelled)) {
          assertEquals(Golden.losses(variant)[0], results.get(TrainStep.LOSS).item(), 1e-4);
          assertEquals(Golden.tensors(variant + "_grads").size() + 1, results.tensors().size());
          gradients(variant, name -> results.get(name).floats());
        }
      }
    }
  }

  private static void forward(Executable executable, String variant, TokenBatch batch) {
    Map<String, float[]> expected = Golden.tensors(variant);
    try (Results results = executable.run(GoldenFunctions.FORWARD, batch.arguments())) {
      for (Map.Entry<String, HostTensor> result : results.tensors().entrySet()) {
        String name = result.getKey();
        float[] got = result.getValue().floats();
        float[] want = copied(expected.get(name), got.length);
        double allowed = name.equals(ForwardPass.LOGITS) ? 1e-3 : 1e-3 * Differences.size(want);
        double off = Differences.largestAtTokens(got, want, batch);
        assertTrue(off <= allowed, variant + " " + name + " is off by " + off);
      }
    }
  }

  /** The last tokens made padding: those before them see no difference. */
  private static TokenBatch rightPadded(TokenBatch batch) {
    int[][] ids = Stream.of(batch.inputIds()).map(int[]::clone).toArray(int[][]::new);
    int[][] mask = Stream.of(batch.attentionMask()).map(int[]::clone).toArray(int[][]::new);
    for (int t = batch.length() - 7; t < batch.length(); t++) {
      ids[0][t] = 0;
      mask[0][t] = 0;
    }
    return new TokenBatch(ids, mask);
  }

  private static void gradients(String variant, Function<String, float[]> gradient) {
    Golden.tensors(variant + "_grads")
        .forEach(
            (name, want) -> {
              double off = Differences.largest(gradient.apply(name), want) / Differences.size(want);
              assertTrue(off <= 1e-3, variant + " d" + name + " is off by " + off);
            });
  }

  private static void threeSteps(
      Executable executable, String variant, Map<String, HostTensor> batch) {
    double[] losses = Golden.losses(variant);
    assertEquals(losses[0], step(executable, batch), 1e-4);
    gradients(variant, name -> firstGradient(executable, name));
    assertEquals(losses[1], step(executable, batch), 1e-2);
    assertEquals(losses[2], step(executable, batch), 1e-2);
    weights(executable, variant);
    assertEquals(losses[3], step(executable, batch), 1e-2);
  }

  /** The loss before the step. */
  private static double step(Executable executable, Map<String, HostTensor> batch) {
    try (Results results = executable.run(GoldenFunctions.STEP, batch)) {
      return results.get(TrainStep.LOSS).item();
    }
  }

  /** The first moment after a first step is a known share of the gradient. */
  private static float[] firstGradient(Executable executable, String name) {
    try (HostTensor moment = executable.read(TrainStep.expAvg(name))) {
      float[] gradient = moment.floats();
      for (int i = 0; i < gradient.length; i++) gradient[i] /= 1 - (float) GoldenFunctions.BETA1;
      return gradient;
    }
  }

  /** Steps are close to the learning rate times the gradient's sign, so a few entries may flip. */
  private static void weights(Executable executable, String variant) {
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
    assertTrue(Differences.shareWithin(1e-5, differences) >= 0.80, variant + " within 1e-5");
    assertTrue(Differences.shareWithin(1e-4, differences) >= 0.995, variant + " within 1e-4");
  }
}
