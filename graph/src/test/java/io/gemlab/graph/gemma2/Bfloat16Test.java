package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.TestFiles;
import io.gemlab.graph.checkpoint.HfCheckpoint;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.Results;
import io.gemlab.graph.tensor.ElementType;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.tensorflow.types.TBfloat16;

/**
 * Weights and arithmetic in bfloat16 against Hugging Face's float32 arithmetic on the same weights:
 * the best token agrees at over 0.9 of positions, the mean divergence is below 1e-2 nats, and
 * neither is worse than Hugging Face's own bfloat16.
 */
class Bfloat16Test {
  static final List<ExecutionPath> PATHS = Golden.PATHS;

  private static final List<Attention> ATTENTIONS =
      List.of(new EagerAttention(), BlockwiseAttention.auto());

  private static final List<GraphFunction> FUNCTIONS =
      ATTENTIONS.stream().map(Bfloat16Test::forward).toList();

  private static GraphFunction forward(Attention attention) {
    Gemma2Model<TBfloat16> model =
        new Gemma2Model<>(Golden.config("ckpt_bf16"), OpChoice.of(attention), TBfloat16.class);
    return new ForwardPass<>(model, 2, 24)
        .trace(attention.label(), ForwardPass.Returns.LOGITS_ONLY);
  }

  @ParameterizedTest
  @FieldSource("PATHS")
  void isNoWorseThanHuggingFaces(ExecutionPath path) {
    Map<String, float[]> golden = Golden.tensors("A_bf16");
    float[] exact = golden.get("logits");
    Distance huggingFaces = Distance.of(golden.get("logits_bf16_arithmetic"), exact);
    try (Executable executable = path.load(FUNCTIONS);
        HfCheckpoint checkpoint = HfCheckpoint.open(TestFiles.golden("ckpt_bf16"))) {
      ModelWeights.load(checkpoint, Golden.config("ckpt_bf16"), executable, ElementType.BF16);
      for (Attention attention : ATTENTIONS) {
        try (Results results =
            executable.run(attention.label(), Golden.batch("A_bf16").arguments())) {
          Distance ours = Distance.of(results.get(ForwardPass.LOGITS).floats(), exact);
          String seen = attention.label() + " " + ours + ", Hugging Face's " + huggingFaces;
          System.out.println(path.label() + " " + seen);
          assertTrue(ours.agreement() > 0.9, seen);
          assertTrue(ours.agreement() >= huggingFaces.agreement(), seen);
          assertTrue(ours.meanKl() < 1e-2, seen);
          assertTrue(ours.meanKl() <= huggingFaces.meanKl(), seen);
        }
      }
    }
  }

  /**
   * How far logits are from exact ones.
   *
   * @param agreement share of positions whose best token is the same
   * @param meanKl mean over positions of KL(exact || approximate), in nats
   */
  private record Distance(double agreement, double meanKl) {

    static Distance of(float[] approximate, float[] exact) {
      int vocabulary = Golden.config("ckpt_bf16").vocabSize();
      int positions = exact.length / vocabulary;
      int agree = 0;
      double kl = 0;
      for (int m = 0; m < positions; m++) {
        double[] p = logSoftmax(exact, m * vocabulary, vocabulary);
        double[] q = logSoftmax(approximate, m * vocabulary, vocabulary);
        if (best(p) == best(q)) agree++;
        for (int v = 0; v < vocabulary; v++) kl += Math.exp(p[v]) * (p[v] - q[v]);
      }
      return new Distance((double) agree / positions, kl / positions);
    }

    private static double[] logSoftmax(float[] logits, int from, int count) {
      double[] values = new double[count];
      double sum = 0;
      for (int i = 0; i < count; i++) sum += Math.exp(logits[from + i]);
      for (int i = 0; i < count; i++) values[i] = logits[from + i] - Math.log(sum);
      return values;
    }

    private static int best(double[] values) {
      int best = 0;
      for (int i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
      return best;
    }
  }
}
