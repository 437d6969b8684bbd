package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.TestFiles;
import io.gemlab.graph.checkpoint.HfCheckpoint;
import io.gemlab.graph.gemma2.Depth.Layers;
import io.gemlab.graph.gemma2.Depth.Remat;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.Results;
import io.gemlab.graph.tensor.ElementType;
import io.gemlab.graph.tensor.HostTensor;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** However a program goes through the depth, its numbers are Hugging Face's. */
class DepthTest {
  private static final Depth SCANNED = new Depth(Layers.SCANNED, Remat.LAYER);
  private static final Depth UNROLLED = new Depth(Layers.UNROLLED, Remat.LAYER);
  private static final Attention BLOCKS = new BlockwiseAttention(OptionalInt.of(5));

  static Stream<Arguments> combinations() {
    return Stream.of(SCANNED, UNROLLED)
        .flatMap(
            depth ->
                Stream.of(BLOCKS)
                    .flatMap(
                        attention ->
                            Stream.of(new io.gemlab.graph.path.FusedPath())
                                .map(path -> Arguments.of(depth, attention, path))));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("combinations")
  void agreesWithHuggingFace(Depth depth, Attention attention, ExecutionPath path) {
    GoldenFunctions functions =
        new GoldenFunctions(Golden.config("ckpt_f32"), OpChoice.of(attention), depth);
    List<StateWeight> weights = functions.model().weights();
    try (Executable executable =
        path.load(List.of(functions.logits(), functions.gradients(), functions.step(clipped())))) {
      try (HfCheckpoint checkpoint = HfCheckpoint.open(TestFiles.golden("ckpt_f32"))) {
        ModelWeights.load(checkpoint, functions.model(), executable, ElementType.F32);
      }
      TokenBatch batch = Golden.batch("A");
      try (Results results = executable.run(GoldenFunctions.FORWARD, batch.arguments())) {
        float[] want = Golden.tensors("A").get(ForwardPass.LOGITS);
        float[] got = results.get(ForwardPass.LOGITS).floats();
        assertTrue(Differences.largestAtTokens(got, want, batch) <= 1e-3);
      }
      try (Results results = executable.run(GoldenFunctions.GRADIENTS, Golden.labelled("A"))) {
        assertEquals(Golden.losses("A")[0], results.get(TrainStep.LOSS).item(), 1e-4);
        assertEquals(weights.size() + 1, results.tensors().size());
        for (StateWeight weight : weights) {
          assertGradients(weight, results.get(weight.name()).floats(), 1);
        }
      }
      TrainStep.resetOptimizer(weights, executable);
      double norm = Golden.gradientNorms("A")[0];
      try (Results results = executable.run(GoldenFunctions.STEP, Golden.labelled("A"))) {
        assertEquals(norm, results.get(TrainStep.GRADIENT_NORM).item(), 1e-4 * norm);
      }
      for (StateWeight weight : weights) {
        try (HostTensor moment = executable.read(TrainStep.expAvg(weight.name()))) {
          assertGradients(weight, moment.floats(), (1 - GoldenFunctions.BETA1) / norm);
        }
      }
    }
  }

  private static OptionalDouble clipped() {
    return OptionalDouble.of(1);
  }

  /** A tensor of the state holds the gradients of its weights one after the other. */
  private static void assertGradients(StateWeight state, float[] got, double factor) {
    int from = 0;
    for (WeightSpec weight : state.weights()) {
      float[] want = Golden.tensors("A_grads").get(weight.name()).clone();
      for (int i = 0; i < want.length; i++) want[i] *= (float) factor;
      float[] part = Arrays.copyOfRange(got, from, from + want.length);
      double off = Differences.largest(part, want) / Differences.size(want);
      assertTrue(off <= 1e-3, "d" + weight.name() + " is off by " + off);
      from += want.length;
    }
    assertEquals(got.length, from);
  }
}
