package io.gemlab.graph.path;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.Attention;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.tensorflow.types.TFloat32;

/** A training step of two small layers, over rows that are longer than the window. */
public final class SmallTraining {
  public static final String STEP = "step";
  static final String GRADIENTS = "gradients";

  /** The model. */
  public static final Gemma2Config CONFIG =
      ConfigJson.read(
          Gemma2Presets.json("tiny")
              .put("hidden_size", 32)
              .put("intermediate_size", 64)
              .put("num_hidden_layers", 2)
              .put("head_dim", 16)
              .put("sliding_window", 16),
          "small");

  private static final TrainingLoss.BatchShape BATCH = new TrainingLoss.BatchShape(2, 40);

  private SmallTraining() {}

  public static GraphFunction step(Attention attention) {
    return training(attention)
        .trace(
            STEP,
            new TrainStep.Optimizer(
                new AdamW(0.9, 0.95, 1e-8, 0.01),
                new LearningRate(1e-2, 2, 20, 0.1),
                OptionalDouble.of(1)));
  }

  static GraphFunction gradients(Attention attention) {
    return training(attention).traceGradients(GRADIENTS);
  }

  private static TrainStep<TFloat32> training(Attention attention) {
    return new TrainStep<>(model(attention), BATCH, new NextTokenLoss());
  }

  private static Gemma2Model<TFloat32> model(Attention attention) {
    return new Gemma2Model<>(CONFIG, OpChoice.of(attention), TFloat32.class);
  }

  /** Fresh weights, ten times as large as usual so that the cap and the norms have work to do. */
  public static void initialize(GraphFunction step, Executable executable) {
    for (WeightSpec weight : WeightSpec.of(CONFIG)) {
      float[] values = ModelWeights.fresh(weight, 1, Arena.ofAuto()).floats();
      for (int i = 0; i < values.length; i++) values[i] *= 10;
      executable.assign(weight.name(), HostTensor.of(values, weight.shape().toArray()));
    }
    TrainStep.resetOptimizer(step, executable);
  }

  /** Tokens of a step, padded on the left in one row. */
  public static Map<String, HostTensor> arguments(int step) {
    SplittableRandom random = new SplittableRandom(step);
    int[][] ids = new int[BATCH.batchSize()][];
    int[][] mask = new int[BATCH.batchSize()][BATCH.sequenceLength()];
    for (int b = 0; b < ids.length; b++) {
      ids[b] = random.ints(BATCH.sequenceLength(), 4, CONFIG.vocabSize()).toArray();
      for (int t = 0; t < BATCH.sequenceLength(); t++) mask[b][t] = b == 1 && t < 5 ? 0 : 1;
    }
    return LabelledBatch.withinRows(new TokenBatch(ids, mask)).arguments();
  }
}
