package io.gemlab.experiments.bench;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.weights.ModelWeights;
import java.util.Map;
import java.util.OptionalDouble;

/** What of a model is timed. */
enum Program {
  /** Tokens to capped logits of every position. Weights are kept in the type computed in. */
  FORWARD("forward pass") {
    @Override
    GraphFunction trace(Gemma2Model<?> model, TrainingLoss.BatchShape batch) {
      return new ForwardPass<>(model, batch.batchSize(), batch.sequenceLength())
          .trace(FUNCTION, ForwardPass.Returns.LOGITS_ONLY);
    }

    @Override
    void assign(Gemma2Model<?> model, GraphFunction function, Executable executable) {
      ModelWeights.initialize(model, SEED, executable, Tensors.elementType(model.type()));
    }

    @Override
    Map<String, HostTensor> arguments(TokenBatch batch) {
      return batch.arguments();
    }
  },

  /** Forward, loss, backward and AdamW. Weights and moments are kept in float32. */
  TRAINING_STEP("training step") {
    @Override
    GraphFunction trace(Gemma2Model<?> model, TrainingLoss.BatchShape batch) {
      return new TrainStep<>(model, batch, new NextTokenLoss()).trace(FUNCTION, OPTIMIZER);
    }

    @Override
    void assign(Gemma2Model<?> model, GraphFunction function, Executable executable) {
      ModelWeights.initialize(model, SEED, executable, ElementType.F32);
      TrainStep.resetOptimizer(function, executable);
    }

    @Override
    Map<String, HostTensor> arguments(TokenBatch batch) {
      return LabelledBatch.withinRows(batch).arguments();
    }
  };

  /** What the traced function is called. */
  static final String FUNCTION = "program";

  private static final long SEED = 1;

  private static final TrainStep.Optimizer OPTIMIZER =
      new TrainStep.Optimizer(
          new AdamW(0.9, 0.95, 1e-8, 0.01), LearningRate.constant(1e-4), OptionalDouble.empty());

  private final String label;

  Program(String label) {
    this.label = label;
  }

  /** The name in a report. */
  String label() {
    return label;
  }

  abstract GraphFunction trace(Gemma2Model<?> model, TrainingLoss.BatchShape batch);

  /**
   * Gives the state of a traced function its first values: fresh weights, and what else there is.
   */
  abstract void assign(Gemma2Model<?> model, GraphFunction function, Executable executable);

  /** What it takes of a batch. */
  abstract Map<String, HostTensor> arguments(TokenBatch batch);
}
