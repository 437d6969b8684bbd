package io.gemlab.experiments.program;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.decode.ExportedDecode;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.graph.weights.ModelWeights;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.OptionalDouble;

/** What a model is traced as, to be timed or compiled. */
public enum ModelProgram {
  /**
   * Tokens to capped logits of every position, which is also a prefill without a cache. Weights are
   * stored in the type computed in.
   */
  FORWARD("forward pass", "tokens to logits of every position") {
    @Override
    public GraphFunction trace(Gemma2Model<?> model, BatchShape size) {
      return new ForwardPass<>(model, size.batchSize(), size.sequenceLength())
          .trace("forward", ForwardPass.Returns.LOGITS_ONLY);
    }
  },

  /** Next-token loss, gradients, clipping, AdamW. Weights and moments are stored in float32. */
  TRAIN("training step", "forward, backward, clipping to a global norm of 1, AdamW") {
    @Override
    public GraphFunction trace(Gemma2Model<?> model, BatchShape size) {
      return training(model, size, new NextTokenLoss());
    }

    @Override
    ElementType storageType(Gemma2Model<?> model) {
      return ElementType.F32;
    }

    @Override
    public Map<String, HostTensor> arguments(TokenBatch tokens) {
      return LabelledBatch.withinRows(tokens).requireScored().arguments();
    }
  },

  /**
   * One token for each row over a key-value cache with room for the length, the likeliest next
   * tokens back. Weights and cache are stored in the type computed in.
   */
  DECODE("decoding step", "a token of each row over a key-value cache to the next one") {
    @Override
    public GraphFunction trace(Gemma2Model<?> model, BatchShape size) {
      return ExportedDecode.trace(model, size.batchSize(), size.sequenceLength());
    }

    /** The last token of each row, which attends to all there is room for. */
    @Override
    public Map<String, HostTensor> arguments(TokenBatch tokens) {
      int last = tokens.length() - 1;
      int[][] ids = new int[tokens.rows()][];
      int[][] positions = new int[tokens.rows()][];
      for (int b = 0; b < ids.length; b++) {
        ids[b] = new int[] {tokens.inputIds()[b][last]};
        positions[b] = new int[] {last};
      }
      return Map.of(
          TokenBatch.INPUT_IDS, HostTensor.of(ids), TokenBatch.POSITIONS, HostTensor.of(positions));
    }
  };

  /**
   * That of {@link #TRAIN}: its numbers are constants of the program and don't change what it
   * costs.
   */
  private static final TrainStep.Optimizer OPTIMIZER =
      new TrainStep.Optimizer(
          new AdamW(0.9, 0.95, 1e-8, 0.1), LearningRate.constant(1e-3), OptionalDouble.of(1));

  private static final long SEED = 1;

  private final String label;
  private final String does;

  ModelProgram(String label, String does) {
    this.label = label;
    this.does = does;
  }

  /** The name in a report. */
  public String label() {
    return label;
  }

  /** What it computes, in a few words. */
  public String does() {
    return does;
  }

  /**
   * Traces it.
   *
   * @param size rows and tokens of each; of decoding, the positions that the cache has room for
   */
  public abstract GraphFunction trace(Gemma2Model<?> model, BatchShape size);

  /** {@link #TRAIN} with the loss in pieces. */
  public static GraphFunction training(Gemma2Model<?> model, BatchShape size, NextTokenLoss loss) {
    return new TrainStep<>(model, size, loss).trace("train", OPTIMIZER);
  }

  /** What the function stores weights in that are not quantized. */
  ElementType storageType(Gemma2Model<?> model) {
    return Tensors.elementType(model.type());
  }

  /**
   * Gives the function's state its first values: fresh weights; steps, moments and cache of zeros.
   */
  public void initialize(Gemma2Model<?> model, GraphFunction function, Executable executable) {
    ModelWeights.initialize(model, SEED, executable, storageType(model));
    TrainStep.resetOptimizer(function, executable);
    for (GraphFunction.Input state : function.state()) {
      StateRole role = state.role().orElseThrow();
      if (role != StateRole.CACHE && role != StateRole.TOKEN) continue;
      try (Arena arena = Arena.ofConfined()) {
        TensorSpec spec = state.spec();
        executable.assign(spec.name(), HostTensor.zeros(spec.type(), spec.shape(), arena));
      }
    }
  }

  /** What the function takes of rows of tokens. */
  public Map<String, HostTensor> arguments(TokenBatch tokens) {
    return tokens.arguments();
  }

  /** What the function takes of rows of random tokens, the same for every program and path. */
  public Map<String, HostTensor> randomArguments(Gemma2Model<?> model, BatchShape size) {
    return arguments(
        TokenBatch.random(
            SEED, size.batchSize(), size.sequenceLength(), model.config().vocabSize()));
  }
}
