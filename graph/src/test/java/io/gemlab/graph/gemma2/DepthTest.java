package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.gemlab.graph.TestFiles;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.Depth.Layers;
import io.gemlab.graph.gemma2.Depth.Remat;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.MatmulFlops;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** However a program goes through the depth, its numbers are the same. */
class DepthTest {
  private static final Depth SCANNED = new Depth(Layers.SCANNED, Remat.LAYER);
  private static final Depth UNROLLED = new Depth(Layers.UNROLLED, Remat.LAYER);
  private static final Attention EAGER = new EagerAttention();
  private static final Attention BLOCKS = new BlockwiseAttention(OptionalInt.of(5));

  static Stream<Arguments> combinations() {
    return Stream.of(
        Arguments.of("ckpt_f32", "A", SCANNED, EAGER, new EagerPath()),
        Arguments.of("ckpt_f32", "A", SCANNED, BLOCKS, new EagerPath()),
        Arguments.of("ckpt_f32", "A", SCANNED, BLOCKS, new GraphPath()),
        Arguments.of("ckpt_f32", "A", SCANNED, EAGER, new ClusteredPath()),
        Arguments.of("ckpt_f32", "A", SCANNED, BLOCKS, new FusedPath()),
        Arguments.of("ckpt_f32", "A", UNROLLED, EAGER, new EagerPath()),
        Arguments.of("ckpt_f32", "A", UNROLLED, BLOCKS, new GraphPath()),
        Arguments.of("ckpt_f32", "A", UNROLLED, EAGER, new FusedPath()),
        Arguments.of("ckpt_gemma3", "G", SCANNED, EAGER, new FusedPath()),
        Arguments.of("ckpt_gemma3", "G", SCANNED, BLOCKS, new GraphPath()),
        Arguments.of("ckpt_gemma3", "G", UNROLLED, EAGER, new EagerPath()));
  }

  /** The moments after a first step are the clipped gradients, times what they weigh. */
  @ParameterizedTest(name = "{0} {2} {3} {4}")
  @MethodSource("combinations")
  void agreesWithHuggingFace(
      String folder, String variant, Depth depth, Attention attention, ExecutionPath path) {
    GoldenFunctions functions =
        new GoldenFunctions(Golden.config(folder), OpChoice.of(attention), depth);
    List<StateWeight> weights = functions.model().weights();
    GraphFunction step = functions.step(OptionalDouble.of(1));
    try (Executable executable = path.load(List.of(functions.logits(), step));
        HfCheckpoint checkpoint = HfCheckpoint.open(TestFiles.golden(folder))) {
      ModelWeights.load(checkpoint, functions.model(), executable, ElementType.F32);
      TrainStep.resetOptimizer(step, executable);
      TokenBatch batch = Golden.batch(variant);
      try (Results results = executable.run(GoldenFunctions.FORWARD, batch.arguments())) {
        float[] want = Golden.tensors(variant).get(ForwardPass.LOGITS);
        float[] got = results.get(ForwardPass.LOGITS).floats();
        assertTrue(Differences.largestAtTokens(got, want, batch) <= 1e-3);
      }
      double norm = Golden.gradientNorms(variant)[0];
      try (Results results = executable.run(GoldenFunctions.STEP, Golden.labelled(variant))) {
        assertEquals(Golden.losses(variant)[0], results.get(TrainStep.LOSS).item(), 1e-4);
        assertEquals(norm, results.get(TrainStep.GRADIENT_NORM).item(), 1e-4 * norm);
      }
      Map<String, float[]> moments = new HashMap<>();
      for (StateWeight weight : weights) {
        try (HostTensor moment = executable.read(TrainStep.expAvg(weight.name()))) {
          moments.putAll(parts(weight, moment.floats()));
        }
      }
      float share = (float) ((1 - GoldenFunctions.BETA1) / norm);
      Map<String, float[]> gradients = Golden.tensors(variant + "_grads");
      assertEquals(gradients.keySet(), moments.keySet());
      gradients.forEach(
          (name, gradient) -> {
            float[] want = gradient.clone();
            for (int i = 0; i < want.length; i++) want[i] *= share;
            assertClose(name, want, moments.get(name), 1e-3);
          });
    }
  }

  /** Other periods than Gemma 2's, weights that it has not, and a type that is not the weights'. */
  @ParameterizedTest
  @CsvSource({
    "float32, false, sliding_attention full_attention full_attention sliding_attention"
        + " full_attention full_attention, 1e-4",
    "float32, true, full_attention full_attention, 1e-4",
    "float32, false, sliding_attention full_attention, 1e-4",
    "bfloat16, false, sliding_attention full_attention sliding_attention full_attention, 4e-2"
  })
  void scannedGradientsAreTheUnrolledOnes(
      String type, boolean qkNorm, String layerTypes, double allowed) {
    String[] types = layerTypes.split(" ");
    Gemma2Config config =
        Golden.config(
            "ckpt_f32",
            json -> {
              ArrayNode list = json.put("num_hidden_layers", types.length).putArray("layer_types");
              for (String one : types) list.add(one);
              json.put("qk_norm", qkNorm);
            });
    Class<? extends TFloating> computedIn =
        type.equals("float32") ? TFloat32.class : TBfloat16.class;
    Map<String, float[]> want = gradients(config, computedIn, Depth.PLAIN);
    Map<String, float[]> got = gradients(config, computedIn, SCANNED);
    assertEquals(want.keySet(), got.keySet());
    want.forEach((name, gradient) -> assertClose(name, gradient, got.get(name), allowed));
  }

  private static Map<String, float[]> gradients(
      Gemma2Config config, Class<? extends TFloating> type, Depth depth) {
    Gemma2Model<?> model = new Gemma2Model<>(config, OpChoice.of(BLOCKS), type, depth);
    GraphFunction function = training(model).traceGradients("gradients");
    Map<String, float[]> gradients = new HashMap<>();
    try (Executable executable = new EagerPath().load(List.of(function))) {
      ModelWeights.initialize(model, 5, executable, ElementType.F32);
      try (Results results = executable.run("gradients", Golden.labelled("A"))) {
        for (StateWeight weight : model.weights()) {
          gradients.putAll(parts(weight, results.get(weight.name()).floats()));
        }
      }
      List<String> notes = executable.report("gradients").notes();
      boolean scanned = depth.layers() == Layers.SCANNED;
      assertEquals(scanned ? 3 : 1, notes.size());
      if (scanned) assertTrue(notes.getLast().contains("ran unrolled"), notes.getLast());
    }
    return gradients;
  }

  private static <T extends TFloating> TrainStep<T> training(Gemma2Model<T> model) {
    return new TrainStep<>(model, new TrainingLoss.BatchShape(2, 24), new NextTokenLoss());
  }

  @Test
  void scannedWeightsAreInitializedAndSavedAsUnrolledOnes(@TempDir Path folder) {
    Gemma2Config config = Golden.config("ckpt_f32");
    CheckpointFiles files;
    try (HfCheckpoint checkpoint = HfCheckpoint.open(TestFiles.golden("ckpt_f32"))) {
      files = checkpoint.files();
    }
    for (Depth depth : List.of(Depth.PLAIN, SCANNED)) {
      Gemma2Model<?> model = new Gemma2Model<>(config, OpChoice.of(EAGER), TFloat32.class, depth);
      GraphFunction loss = training(model).traceLoss("loss");
      try (Executable executable = new EagerPath().load(List.of(loss))) {
        ModelWeights.initialize(model, 5, executable, ElementType.F32);
        Path saved = folder.resolve(depth.layers().label());
        ModelWeights.save(executable, model, ElementType.F32, files, saved);
      }
    }
    try (HfCheckpoint unrolled = HfCheckpoint.open(folder.resolve("unrolled"));
        HfCheckpoint scanned = HfCheckpoint.open(folder.resolve("scanned"))) {
      for (WeightSpec weight : WeightSpec.of(config)) {
        assertEquals(-1, unrolled.segment(weight.name()).mismatch(scanned.segment(weight.name())));
      }
    }
  }

  @Test
  void stacksAreNamedForTheirLayers() {
    List<StateWeight> weights = StateWeight.of(Golden.config("ckpt_f32"), Layers.SCANNED);
    StateWeight up =
        weights.stream()
            .filter(weight -> weight.name().equals("model.layers.1by2.mlp.up_proj.weight"))
            .findFirst()
            .orElseThrow();
    assertEquals("[2, 128, 64]", up.shape().toString());
    assertEquals(
        List.of("model.layers.1.mlp.up_proj.weight", "model.layers.3.mlp.up_proj.weight"),
        up.weights().stream().map(WeightSpec::name).toList());
  }

  /** Counted in the graph, a loop costs what its turns would cost one after the other. */
  @Test
  void productsAreTheSameHoweverDepthIsGoneThrough() {
    Gemma2Config config = Golden.config("ckpt_f32");
    long scanned = products(config, SCANNED);
    assertEquals(scanned, products(config, UNROLLED));
    assertTrue(scanned > products(config, Depth.PLAIN));
  }

  private static long products(Gemma2Config config, Depth depth) {
    Gemma2Model<?> model = new Gemma2Model<>(config, OpChoice.of(EAGER), TFloat32.class, depth);
    return MatmulFlops.of(training(model).traceGradients("gradients"));
  }

  @Test
  void whatCanNotBeScannedIsRefused() {
    assertThrows(InvalidInput.class, () -> new Depth(Layers.SCANNED, Remat.NONE));
    Gemma2Config odd =
        Golden.config(
            "ckpt_f32",
            json -> {
              json.put("num_hidden_layers", 3);
              ((ArrayNode) json.get("layer_types")).remove(3);
            });
    InvalidInput refused =
        assertThrows(InvalidInput.class, () -> StateWeight.of(odd, Layers.SCANNED));
    assertTrue(refused.getMessage().contains("give --layers unrolled"), refused.getMessage());
    GoldenFunctions functions =
        new GoldenFunctions(Golden.config("ckpt_f32"), OpChoice.of(EAGER), SCANNED);
    assertThrows(InvalidInput.class, functions::forward);
  }

  /** A tensor of the state holds the tensors of its weights one after the other. */
  static Map<String, float[]> parts(StateWeight state, float[] values) {
    Map<String, float[]> parts = new HashMap<>();
    int from = 0;
    for (WeightSpec weight : state.weights()) {
      int to = from + Math.toIntExact(weight.shape().elements());
      parts.put(weight.name(), Arrays.copyOfRange(values, from, to));
      from = to;
    }
    assertEquals(values.length, from);
    return parts;
  }

  static void assertClose(String name, float[] want, float[] got, double allowed) {
    double off = Differences.largest(got, want) / Differences.size(want);
    assertTrue(off <= allowed, "d" + name + " is off by " + off);
  }
}
