package io.gemlab.graph.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.AttentionMask;
import io.gemlab.ops.attention.AttentionSpec;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

class MatmulFlopsTest {

  @Test
  void aProductCountsTwoMNK() {
    try (Trace trace = new Trace("products")) {
      Ops tf = trace.ops();
      Operand<TFloat32> a = trace.argument("a", TFloat32.class, TensorShape.of(5, 3));
      Operand<TFloat32> b = trace.argument("b", TFloat32.class, TensorShape.of(5, 7));
      Operand<TFloat32> c = trace.argument("c", TFloat32.class, TensorShape.of(2, 4, 3, 7));
      Operand<TFloat32> ab_37 = tf.linalg.matMul(a, b, MatMul.transposeA(true));
      trace.result("abc", tf.train.batchMatMul(ab_37, c, TFloat32.class, BatchMatMul.adjX(true)));
      long first = 2 * 3 * 7 * 5;
      long second = 2 * (2 * 4) * 7 * 7 * 3;
      assertEquals(first + second, MatmulFlops.of(trace.finish()));
    }
  }

  @Test
  void refusesShapesItCannotKnow() {
    try (Trace trace = new Trace("unknown")) {
      Ops tf = trace.ops();
      Operand<TInt32> rows = trace.argument("rows", TInt32.class, TensorShape.of());
      Operand<TFloat32> x = tf.fill(tf.stack(List.of(rows, rows)), tf.constant(1f));
      trace.result("sum", tf.sum(tf.linalg.matMul(x, x), tf.constant(new int[] {0, 1})));
      GraphFunction function = trace.finish();
      assertTrue(
          assertThrows(IllegalArgumentException.class, () -> MatmulFlops.of(function))
              .getMessage()
              .endsWith("trace it with known shapes"));
    }
  }

  /**
   * Preset tiny, 2 rows of 24: four layers of 2 * 48 * 128 * (128 + 64 + 64 + 128 + 3 * 512) for
   * the projections and twice 2 * 2 * 4 * 24 * 24 * 32 for scores and values; 2 * 48 * 128 * 260
   * for the logits. Backward takes twice as much.
   */
  @Test
  void theTinyPresetByHand() {
    Gemma2Config tiny = Gemma2Presets.config("tiny");
    assertEquals(99_926_016, forward(tiny, new EagerAttention(), 2, 24));
    assertEquals(3 * 99_926_016, training(tiny, new EagerAttention(), 2, 24));
  }

  /** 6 FLOPs a token for each weight that is multiplied: all but the norms'. */
  @Test
  void gemma2bByTheSixNRule() {
    Gemma2Config config = Gemma2Presets.config("gemma2-2b");
    int length = 16;
    long norms = (4L * config.numHiddenLayers() + 1) * config.hiddenSize();
    long weights = 2_614_341_888L - norms;
    long attention = config.numHiddenLayers() * 12L * length * length * 8 * 256;
    assertEquals(
        6 * weights * length + attention, training(config, new EagerAttention(), 1, length));
  }

  /** Forward's two products and backward's five (scores again), over exactly the pairs visible. */
  @Test
  void slidingBlocksComputeLittleMoreThanTheBand() {
    int length = 8192;
    int window = 256;
    Gemma2Config config = Gemma2Presets.config("ablation");
    AttentionSpec sliding = config.attention(0);
    assertEquals(OptionalInt.of(window), sliding.window());
    long pairs = (long) length * window - (long) window * (window - 1) / 2;
    long band = 7 * 2 * pairs * sliding.heads() * sliding.headDim();
    long computed = MatmulFlops.of(attention(BlockwiseAttention.auto(), sliding, length));
    double excess = (double) computed / band;
    assertTrue(excess <= 1.3, "computes " + excess + " of the band");
    assertTrue(excess >= 1, "computes " + excess + " of the band");
  }

  private static GraphFunction attention(Attention attention, AttentionSpec spec, int length) {
    try (Trace trace = new Trace("attention")) {
      Operand<TBfloat16> q = heads(trace, "q", length, spec.heads(), spec.headDim());
      Operand<TBfloat16> k = heads(trace, "k", length, spec.kvHeads(), spec.headDim());
      Operand<TBfloat16> v = heads(trace, "v", length, spec.kvHeads(), spec.headDim());
      AttentionMask mask =
          AttentionMask.of(trace.argument("positions", TInt32.class, TensorShape.of(1, length)));
      Operand<TBfloat16> attended = attention.attend(trace.ops(), spec, mask, q, k, v);
      int i = 0;
      for (Operand<?> gradient : trace.ops().gradients(attended, List.of(q, k, v))) {
        trace.result("gradient" + i++, gradient.asOutput().expect(TBfloat16.class));
      }
      trace.result("attended", attended);
      return trace.finish();
    }
  }

  private static Operand<TBfloat16> heads(
      Trace trace, String name, int length, int heads, int headDim) {
    return trace.argument(name, TBfloat16.class, TensorShape.of(1, length, heads, headDim));
  }

  private static long forward(Gemma2Config config, Attention attention, int rows, int length) {
    return MatmulFlops.of(
        new ForwardPass<>(model(config, attention), rows, length)
            .trace("forward", ForwardPass.Returns.LOGITS_ONLY));
  }

  private static long training(Gemma2Config config, Attention attention, int rows, int length) {
    return MatmulFlops.of(
        new TrainStep<>(
                model(config, attention),
                new TrainingLoss.BatchShape(rows, length),
                new NextTokenLoss())
            .traceGradients("gradients"));
  }

  private static Gemma2Model<TFloat32> model(Gemma2Config config, Attention attention) {
    return new Gemma2Model<>(config, OpChoice.of(attention), TFloat32.class);
  }
}
