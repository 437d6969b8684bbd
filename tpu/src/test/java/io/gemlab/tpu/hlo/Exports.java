package io.gemlab.tpu.hlo;

import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.attention.Attention;
import java.util.OptionalDouble;
import org.tensorflow.types.TBfloat16;

/** The model's real functions, to be exported: bfloat16, and float32 state where trained. */
public final class Exports {
  private Exports() {}

  public static GraphFunction forward(
      Gemma2Config config, Attention attention, int rows, int length) {
    return forward(config, attention, rows, length, Depth.PLAIN);
  }

  public static GraphFunction forward(
      Gemma2Config config, Attention attention, int rows, int length, Depth depth) {
    return new ForwardPass<>(model(config, attention, depth), rows, length)
        .trace("forward", ForwardPass.Returns.LOGITS_ONLY);
  }

  public static GraphFunction trainStep(
      Gemma2Config config, Attention attention, int rows, int length) {
    return trainStep(config, attention, rows, length, Depth.PLAIN);
  }

  public static GraphFunction trainStep(
      Gemma2Config config, Attention attention, int rows, int length, Depth depth) {
    return new TrainStep<>(
            model(config, attention, depth),
            new TrainingLoss.BatchShape(rows, length),
            new NextTokenLoss())
        .trace(
            "step",
            new TrainStep.Optimizer(
                new AdamW(0.9, 0.95, 1e-8, 0.01),
                LearningRate.constant(1e-3),
                OptionalDouble.empty()));
  }

  private static Gemma2Model<TBfloat16> model(
      Gemma2Config config, Attention attention, Depth depth) {
    return new Gemma2Model<>(config, OpChoice.of(attention), TBfloat16.class, depth);
  }
}
