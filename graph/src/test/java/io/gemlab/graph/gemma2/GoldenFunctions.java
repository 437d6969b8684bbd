package io.gemlab.graph.gemma2;

import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import java.util.OptionalDouble;
import org.tensorflow.types.TFloat32;

/**
 * What is traced of a model to hold it against the golden set.
 *
 * @param config the model
 * @param choice its ops
 * @param depth how its programs go through the layers
 * @param rows of 24 tokens: 2, or a multiple for as many copies of the golden batch
 */
record GoldenFunctions(Gemma2Config config, OpChoice choice, Depth depth, int rows) {
  static final String FORWARD = "forward";
  static final String GRADIENTS = "gradients";
  static final String STEP = "step";

  static final double BETA1 = 0.9;

  GoldenFunctions(String folder, OpChoice choice) {
    this(Golden.config(folder), choice, Depth.PLAIN);
  }

  GoldenFunctions(Gemma2Config config, OpChoice choice, Depth depth) {
    this(config, choice, depth, 2);
  }

  /** Logits and hidden states. */
  GraphFunction forward() {
    return new ForwardPass<>(model(), rows, 24).trace(FORWARD, ForwardPass.Returns.HIDDEN_STATES);
  }

  /** Logits alone. */
  GraphFunction logits() {
    return new ForwardPass<>(model(), rows, 24).trace(FORWARD, ForwardPass.Returns.LOGITS_ONLY);
  }

  /** Loss and gradients. */
  GraphFunction gradients() {
    return training().traceGradients(GRADIENTS);
  }

  /** A step of the golden set's optimizer. */
  GraphFunction step(OptionalDouble maxGradNorm) {
    AdamW adamW = new AdamW(BETA1, 0.95, 1e-8, 0.01);
    return training()
        .trace(STEP, new TrainStep.Optimizer(adamW, LearningRate.constant(1e-3), maxGradNorm));
  }

  private TrainStep<TFloat32> training() {
    return new TrainStep<>(model(), new TrainingLoss.BatchShape(rows, 24), new NextTokenLoss());
  }

  Gemma2Model<TFloat32> model() {
    return new Gemma2Model<>(config, choice, TFloat32.class, depth);
  }
}
