package io.gemlab.graph.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

class MemoryNeedTest {
  /** a b, then exp of it (in place), then (exp) b: two products live at once, and no third. */
  @Test
  void valuesLiveUntilTheirLastReader() {
    try (Trace trace = new Trace("products")) {
      Ops tf = trace.ops();
      Operand<TFloat32> a = trace.argument("a", TFloat32.class, TensorShape.of(100, 100));
      Operand<TFloat32> b = trace.argument("b", TFloat32.class, TensorShape.of(100, 100));
      Operand<TFloat32> ab = tf.linalg.matMul(a, b);
      Operand<TFloat32> abb = tf.linalg.matMul(tf.math.exp(ab), b);
      Operand<TFloat32> abbb = tf.linalg.matMul(abb, b);
      trace.result("r", abbb);
      MemoryNeed need = MemoryNeed.of(trace.finish());
      assertEquals(0, need.state());
      assertEquals(3 * 40_000, need.arguments());
      assertEquals(2 * 40_000, need.temporaries());
    }
  }

  /** Two readers: the value is there until the second has run. */
  @Test
  void aValueReadTwiceIsThere() {
    try (Trace trace = new Trace("twice")) {
      Ops tf = trace.ops();
      Operand<TFloat32> a = trace.argument("a", TFloat32.class, TensorShape.of(100, 100));
      Operand<TFloat32> once = tf.linalg.matMul(a, a);
      Operand<TFloat32> twice = tf.linalg.matMul(once, a);
      trace.result("r", tf.linalg.matMul(twice, once));
      assertEquals(3 * 40_000, MemoryNeed.of(trace.finish()).temporaries());
    }
  }

  /** Weights, two moments, a step; and what grows with the square of the length, or doesn't. */
  @Test
  void aTrainingStepByItsAttention() {
    MemoryNeed eager = training(new EagerAttention(), 1, 512);
    long weights = 4L * parameters();
    assertTrue(eager.state() >= 3 * weights && eager.state() < 3 * weights + 1000, "" + eager);
    double eagerGrowth =
        (double) training(new EagerAttention(), 1, 1024).temporaries() / eager.temporaries();
    double blockwiseGrowth =
        (double) training(new BlockwiseAttention(OptionalInt.empty()), 1, 1024).temporaries()
            / training(new BlockwiseAttention(OptionalInt.empty()), 1, 512).temporaries();
    assertTrue(eagerGrowth > 2.5, "" + eagerGrowth);
    assertTrue(blockwiseGrowth < 2.2, "" + blockwiseGrowth);
  }

  private static long parameters() {
    return WeightSpec.parameters(Gemma2Presets.config("tiny"));
  }

  private static MemoryNeed training(Attention attention, int rows, int length) {
    Gemma2Model<TFloat32> model =
        new Gemma2Model<>(
            Gemma2Presets.config("tiny"), new OpChoice(attention, false), TFloat32.class);
    return MemoryNeed.of(
        new TrainStep<>(model, new BatchShape(rows, length), new NextTokenLoss())
            .trace(
                "step",
                new TrainStep.Optimizer(
                    new AdamW(0.9, 0.95, 1e-8, 0.1),
                    LearningRate.constant(1e-4),
                    OptionalDouble.of(1))));
  }
}
