package io.gemlab.graph.decode;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Golden;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.tensorflow.types.TFloat32;

/** Between two tokens only ids cross, and nothing is compiledFunctions. */
class TrafficTest {
  private static final Gemma2Model<TFloat32> MODEL =
      new Gemma2Model<>(
          Golden.config("ckpt_f32"), OpChoice.of(new EagerAttention()), TFloat32.class);

  @Test
  void aTokenCostsAnIdAndAPositionInAndAnIdOut() {
    try (Executable executable = new GraphPath().load(List.of(Generator.weights(MODEL)));
        HfCheckpoint checkpoint = HfCheckpoint.open(golden("ckpt_f32"));
        Generator generator = new Generator(MODEL, executable)) {
      ModelWeights.load(checkpoint, MODEL, executable, ElementType.F32);
      // 14 tokens: a chunk of 16, and then one by one.
      assertEquals(new Traffic(1 + 19, 128 + 19 * 8, 20 * 4, 2), trace(generator, false).sum());
      Trace again = trace(generator, false);
      assertEquals(0, again.sum().compiledFunctions());
      for (Traffic perToken : again.perToken()) assertEquals(new Traffic(1, 8, 4, 0), perToken);
      trace(generator, true);
      for (Traffic perToken : trace(generator, true).perToken()) {
        assertEquals(new Traffic(1, 8, 8, 0), perToken);
      }
      // A longer prompt and a longer answer of the same bucket ready nothing new.
      Traffic before = generator.traffic();
      generate(generator, 16, 44, false, new ArrayList<>());
      assertEquals(0, generator.traffic().since(before).compiledFunctions());
    }
  }

  /** A prompt of 70 tokens, 16 and 64 a call, of which the second is not made. */
  @Test
  void whatIsCancelledTakesInNoMoreOfItsPrompt() {
    try (Executable executable = new GraphPath().load(List.of(Generator.weights(MODEL)));
        Generator generator = new Generator(MODEL, executable)) {
      Golden.loadWeights("ckpt_f32", executable);
      TokenListener listener =
          new TokenListener() {
            @Override
            public Optional<FinishReason> next(int row, int id, float logProbability) {
              return Optional.empty();
            }

            @Override
            public boolean isCancelled(int row) {
              return generator.traffic().calls() == 1;
            }
          };
      int[] prompt = new int[70];
      Arrays.fill(prompt, 9);
      GeneratedTokens tokens =
          generator
              .generate(
                  new GenerationRequest(List.of(prompt), 5, Sampling.greedy(), false), listener)
              .getFirst();
      assertEquals(FinishReason.CANCELLED, tokens.finish());
      assertEquals(0, tokens.ids().length);
      assertEquals(1, generator.traffic().calls());
    }
  }

  private record Trace(Traffic sum, List<Traffic> perToken) {}

  private static Trace trace(Generator generator, boolean scored) {
    Traffic before = generator.traffic();
    List<Traffic> seen = new ArrayList<>();
    generate(generator, 14, 20, scored, seen);
    List<Traffic> perToken = new ArrayList<>();
    for (int i = 1; i < seen.size(); i++) perToken.add(seen.get(i).since(seen.get(i - 1)));
    assertEquals(19, perToken.size());
    return new Trace(generator.traffic().since(before), perToken);
  }

  private static void generate(
      Generator generator, int prompt, int tokens, boolean scored, List<Traffic> seen) {
    int[] ids = new int[prompt];
    Arrays.fill(ids, 9);
    generator.generate(
        new GenerationRequest(List.of(ids), tokens, Sampling.greedy(), scored),
        (row, id, logProbability) -> {
          seen.add(generator.traffic());
          return Optional.empty();
        });
  }
}
