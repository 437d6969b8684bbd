package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.attention.SdpaAttention;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.tensorflow.types.TFloat32;

/** A row of 15 tokens gets the same logits alone, padded on the left and padded on the right. */
class PaddingTest {
  static final List<ExecutionPath> PATHS = Golden.PATHS;
  static final List<Attention> ATTENTIONS =
      List.of(new EagerAttention(), new SdpaAttention(), BlockwiseAttention.auto());

  private static final int TOKENS = 15;
  private static final int LENGTH = 24;
  private static final String CHECKPOINT = "ckpt_gemma3";
  private static final Gemma2Config CONFIG = Golden.config(CHECKPOINT);

  @ParameterizedTest
  @FieldSource("PATHS")
  void makesNoDifferenceOnAnyPath(ExecutionPath path) {
    assertNoDifference(path, new BlockwiseAttention(OptionalInt.of(5)));
  }

  @ParameterizedTest
  @FieldSource("ATTENTIONS")
  void makesNoDifferenceToAnyAttention(Attention attention) {
    assertNoDifference(new EagerPath(), attention);
  }

  private static void assertNoDifference(ExecutionPath path, Attention attention) {
    int[] row = Arrays.copyOf(Golden.batch("G").inputIds()[0], TOKENS);
    int[][] ids = new int[2][LENGTH];
    int[][] mask = new int[2][LENGTH];
    for (int t = 0; t < TOKENS; t++) {
      ids[0][LENGTH - TOKENS + t] = row[t];
      mask[0][LENGTH - TOKENS + t] = 1;
      ids[1][t] = row[t];
      mask[1][t] = 1;
    }
    Gemma2Model<TFloat32> model = new Gemma2Model<>(CONFIG, OpChoice.of(attention), TFloat32.class);
    try (Executable executable =
        path.load(
            List.of(
                new ForwardPass<>(model, 1, TOKENS).trace("alone", ForwardPass.Returns.LOGITS_ONLY),
                new ForwardPass<>(model, 2, LENGTH)
                    .trace("padded", ForwardPass.Returns.LOGITS_ONLY)))) {
      Golden.loadWeights(CHECKPOINT, executable);
      float[] alone = logits(executable, "alone", TokenBatch.of(new int[][] {row}));
      float[] padded = logits(executable, "padded", new TokenBatch(ids, mask));
      int left = (LENGTH - TOKENS) * CONFIG.vocabSize();
      int right = LENGTH * CONFIG.vocabSize();
      assertArrayEquals(alone, Arrays.copyOfRange(padded, left, left + alone.length), 2e-4f);
      assertArrayEquals(alone, Arrays.copyOfRange(padded, right, right + alone.length), 2e-4f);
    }
  }

  private static float[] logits(Executable executable, String function, TokenBatch batch) {
    try (Results results = executable.run(function, batch.arguments())) {
      return results.get(ForwardPass.LOGITS).floats();
    }
  }
}
