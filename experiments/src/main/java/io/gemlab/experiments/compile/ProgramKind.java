package io.gemlab.experiments.compile;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.decode.ExportedDecode;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.ModelFlops;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.attention.BlockwiseAttention;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Which of the model's programs is compiled. */
enum ProgramKind {
  /**
   * A training step: next-token loss, gradients clipped at a global norm of 1, AdamW; float32
   * weights and moments, cast where they are used.
   */
  TRAIN(ModelFlops.Pass.TRAINING),
  /** The forward pass over the whole prompt, logits of every position. */
  PREFILL(ModelFlops.Pass.FORWARD),
  /**
   * One token for each row over a key-value cache with room for the length, the likeliest next
   * tokens back; the cache stays on the device.
   */
  DECODE(ModelFlops.Pass.FORWARD);

  /** Its numbers are constants of the program and don't change what it costs. */
  private static final TrainStep.Optimizer OPTIMIZER =
      new TrainStep.Optimizer(
          new AdamW(0.9, 0.95, 1e-8, 0.1), LearningRate.constant(1e-3), OptionalDouble.of(1));

  private final ModelFlops.Pass pass;

  ProgramKind(ModelFlops.Pass pass) {
    this.pass = pass;
  }

  /**
   * @throws io.gemlab.graph.base.input.InvalidInput if there is no such program
   */
  static ProgramKind of(String label) {
    List<String> known = Arrays.stream(values()).map(ProgramKind::label).toList();
    if (!known.contains(label)) throw NearestName.unknown("--program", label, known);
    return valueOf(label.toUpperCase(Locale.ROOT));
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The attention where none is asked for: the one that does it best. */
  String attention() {
    return this == DECODE ? "eager" : "blockwise";
  }

  /** How the layers stand where nothing is asked for. */
  Depth.Layers layers() {
    return this == DECODE ? Depth.Layers.UNROLLED : Depth.Layers.SCANNED;
  }

  /**
   * @throws InvalidInput if the program has no use for how a model is to be computed
   */
  void requireSupported(ModelVariant model) {
    if (this != DECODE) return;
    if (model.ops().attention() instanceof BlockwiseAttention) {
      throw new InvalidInput(
          "--program decode attends to a cache, and blockwise attention to whole rows only; give"
              + " --attention eager");
    }
    if (model.layers() == Depth.Layers.SCANNED) {
      throw new InvalidInput(
          "--program decode keeps its cache layer by layer; give --layers unrolled");
    }
  }

  /** Tokens that one run brings forward. */
  int tokens(TrainingLoss.BatchShape size) {
    return this == DECODE ? size.batchSize() : size.positions();
  }

  /** FLOPs that the model asks for in one run, causality and window counted, nothing twice. */
  double modelFlops(Gemma2Config config, TrainingLoss.BatchShape size) {
    return this == DECODE
        ? ModelFlops.ofDecoding(config, size.batchSize(), size.sequenceLength())
        : ModelFlops.of(config, pass, size.batchSize(), size.sequenceLength());
  }

  /** Traces it for rows of tokens. */
  GraphFunction trace(Gemma2Model<?> model, int rows, int length) {
    return switch (this) {
      case TRAIN ->
          new TrainStep<>(model, new TrainingLoss.BatchShape(rows, length), new NextTokenLoss())
              .trace(label(), OPTIMIZER);
      case PREFILL ->
          new ForwardPass<>(model, rows, length).trace(label(), ForwardPass.Returns.LOGITS_ONLY);
      case DECODE -> ExportedDecode.trace(model, rows, length);
    };
  }
}
