package io.gemlab.graph.decode;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Golden;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.types.TFloat32;

/** Hugging Face's greedy generations, token for token: alone, and in a batch with padding. */
public class GoldenGenerationTest {
  static Stream<ExecutionPath> paths() {
    return Stream.of(new EagerPath(), new GraphPath(), new ClusteredPath(), new FusedPath());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("paths")
  public void generatesWhatHuggingFaceDoes(ExecutionPath path) {
    check(path, "ckpt_f32", "A", "C");
    check(path, "ckpt_nosoftcap", "B");
    check(path, "ckpt_gemma3", "G");
  }

  private static void check(ExecutionPath path, String folder, String... variants) {
    Gemma2Model<TFloat32> model =
        new Gemma2Model<>(Golden.config(folder), OpChoice.of(new EagerAttention()), TFloat32.class);
    try (Executable executable = path.load(List.of(Generator.weights(model)));
        HfCheckpoint checkpoint = HfCheckpoint.open(golden(folder));
        Generator generator = new Generator(model, executable)) {
      ModelWeights.load(checkpoint, model, executable, ElementType.F32);
      for (String variant : variants) {
        List<int[]> prompts = Golden.prompts(variant);
        List<int[]> expected = Golden.generated(variant);
        assertGenerates(generator, prompts, expected, variant + " together");
        for (int row = 0; row < prompts.size(); row++) {
          assertGenerates(
              generator,
              List.of(prompts.get(row)),
              List.of(expected.get(row)),
              variant + " row " + row + " alone");
        }
      }
    }
  }

  private static void assertGenerates(
      Generator generator, List<int[]> prompts, List<int[]> expected, String what) {
    int length = expected.getFirst().length;
    List<GeneratedTokens> generated =
        generator.generate(
            new GenerationRequest(prompts, length, Sampling.greedy(), false),
            (row, id, logProbability) -> Optional.empty());
    for (int row = 0; row < expected.size(); row++) {
      assertArrayEquals(expected.get(row), generated.get(row).ids(), what);
    }
  }
}
