package io.gemlab.graph.decode;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Golden;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;

/** Prefill and decoding against the forward pass over whole rows, far beyond the window of 8. */
class CachedStepTest {
  private static final Gemma2Config CONFIG = Golden.config("ckpt_f32");
  private static final Gemma2Model<TFloat32> MODEL =
      new Gemma2Model<>(CONFIG, OpChoice.of(new EagerAttention()), TFloat32.class);
  private static final StepHead HEAD = new StepHead.Next(false, false);
  private static final int[] LENGTHS = {45, 7, 30};
  private static final List<int[]> ROWS = rows();

  static Stream<Arguments> models() {
    return Stream.of(
        Arguments.of("ckpt_f32", new EagerPath()),
        Arguments.of("ckpt_f32", new GraphPath()),
        Arguments.of("ckpt_f32", new ClusteredPath()),
        Arguments.of("ckpt_f32", new FusedPath()),
        Arguments.of("ckpt_gemma3", new GraphPath()));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("models")
  void prefillAndDecodingEqualTheForwardPass(String folder, ExecutionPath path) {
    Gemma2Model<TFloat32> model =
        new Gemma2Model<>(Golden.config(folder), MODEL.choice(), TFloat32.class);
    try (Executable executable = path.load(List.of(Generator.weights(model)));
        HfCheckpoint checkpoint = HfCheckpoint.open(golden(folder))) {
      ModelWeights.load(checkpoint, model, executable, ElementType.F32);
      List<float[]> expected = forward(model, executable);
      try (Generator generator = new Generator(model, executable)) {
        // A chunk, of which the ring of 8 keeps the last tokens, or two; then token by token. Each
        // over what the one before left in the cache.
        for (int prefilled : new int[] {7, 24, 45}) {
          List<float[]> cached = generator.logits(ROWS, prefilled);
          assertTrue(largestDifference(cached, expected) <= 1e-3);
        }
      }
    }
  }

  /** A kernel has the numbers of the ops that it stands for, whoever runs these. */
  @ParameterizedTest
  @EnumSource(names = {"INT8", "INT4"})
  void kernelsDecodeAsTensorFlowsProductsDo(Quantization quantization) {
    Gemma2Model<TFloat32> model =
        new Gemma2Model<>(CONFIG, MODEL.choice(), TFloat32.class, quantization);
    int kernels = 7 * CONFIG.numHiddenLayers() + 1 + normsAndRotations();
    List<float[]> expected = logits(model, new EagerPath(), 0);
    for (ExecutionPath path : List.of(new GraphPath(), new ClusteredPath())) {
      assertTrue(largestDifference(logits(model, path, kernels), expected) <= 1e-3);
    }
  }

  private static List<float[]> logits(
      Gemma2Model<TFloat32> model, ExecutionPath path, int kernels) {
    try (Executable executable = path.load(List.of(Generator.weights(model)));
        HfCheckpoint checkpoint = HfCheckpoint.open(golden("ckpt_f32"));
        Generator generator = new Generator(model, executable)) {
      ModelWeights.load(checkpoint, model, executable, ElementType.F32);
      List<float[]> logits = generator.logits(ROWS, 7);
      assertEquals(kernels, generator.kernels().orElseThrow().used());
      return logits;
    }
  }

  /** Four norms and two rotations a layer, and the last norm. */
  private static int normsAndRotations() {
    return 6 * CONFIG.numHiddenLayers() + 1;
  }

  /** Projections and scores of the vocabulary; of one row in bfloat16 attention too. */
  @Test
  void aStepHasPlacesForKernels() {
    Gemma2Model<TBfloat16> model = new Gemma2Model<>(CONFIG, MODEL.choice(), TBfloat16.class);
    CacheLayout cache = new CacheLayout(CONFIG, 1, 64, ElementType.BF16);
    int layers = CONFIG.numHiddenLayers();
    int others = normsAndRotations();
    assertEquals(8 * layers + 1 + others, places(new CachedStep<>(model, cache, 1, HEAD)));
    assertEquals(7 * layers + 1 + others, places(new CachedStep<>(model, cache, 8, HEAD)));
    CacheLayout wide = new CacheLayout(CONFIG, 1, 64, ElementType.F32);
    assertEquals(7 * layers + 1 + others, places(new CachedStep<>(MODEL, wide, 1, HEAD)));
  }

  private static int places(CachedStep<?> step) {
    return step.trace().kernelPlaces().size();
  }

  @Test
  void aSlidingLayerKeepsItsWindowAndAGlobalOneEverything() {
    CacheLayout cache = new CacheLayout(CONFIG, 2, 64, ElementType.BF16);
    assertEquals(8, cache.slots(0));
    assertEquals(64, cache.slots(1));
    assertEquals(8, cache.fewestSlots());
    assertEquals(4 * 2, cache.specs().size());
    long perPosition = 2L * 2 * CONFIG.numKeyValueHeads() * CONFIG.headDim() * 2;
    long bytes = cache.specs().stream().mapToLong(spec -> spec.bytes()).sum();
    assertEquals(perPosition * (8 + 64 + 8 + 64), bytes);
  }

  @Test
  void moreTokensThanTheCacheHoldsAreRefused() {
    CacheLayout cache = new CacheLayout(CONFIG, 1, 64, ElementType.F32);
    assertThrows(
        IllegalArgumentException.class,
        () -> new CachedStep<>(MODEL, cache, 65, new StepHead.Logits()));
  }

  /** The logits of each row's tokens, [T, V]. */
  private static List<float[]> forward(Gemma2Model<TFloat32> model, Executable executable) {
    int length = LENGTHS[0];
    executable.add(
        new ForwardPass<>(model, ROWS.size(), length)
            .trace("forward", ForwardPass.Returns.LOGITS_ONLY));
    int[][] ids = new int[ROWS.size()][length];
    int[][] mask = new int[ROWS.size()][length];
    for (int b = 0; b < ids.length; b++) {
      System.arraycopy(ROWS.get(b), 0, ids[b], 0, LENGTHS[b]);
      Arrays.fill(mask[b], 0, LENGTHS[b], 1);
    }
    List<float[]> logits = new ArrayList<>();
    try (Results results = executable.run("forward", new TokenBatch(ids, mask).arguments())) {
      float[] all = results.get(ForwardPass.LOGITS).floats();
      int vocabulary = model.config().vocabSize();
      int row = length * vocabulary;
      for (int b = 0; b < ids.length; b++) {
        logits.add(Arrays.copyOfRange(all, b * row, b * row + LENGTHS[b] * vocabulary));
      }
    }
    return logits;
  }

  private static double largestDifference(List<float[]> got, List<float[]> want) {
    double largest = 0;
    for (int b = 0; b < want.size(); b++) {
      assertEquals(want.get(b).length, got.get(b).length);
      for (int i = 0; i < want.get(b).length; i++) {
        double difference = Math.abs(got.get(b)[i] - want.get(b)[i]);
        largest = Math.max(largest, difference);
        assertTrue(difference == difference, "NaN in row " + b + " at " + i);
      }
    }
    return largest;
  }

  private static List<int[]> rows() {
    Random random = new Random(3);
    List<int[]> rows = new ArrayList<>();
    for (int length : LENGTHS) {
      int[] row = random.ints(length, 4, 256).toArray();
      row[0] = 2;
      rows.add(row);
    }
    return rows;
  }
}
