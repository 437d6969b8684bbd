package io.gemlab.experiments.compile;

import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.ModelFlops;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.attention.BlockwiseAttention;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Which of the model's programs is compiled. */
enum ProgramKind {
  TRAIN(ModelProgram.TRAIN, ModelFlops.Pass.TRAINING),
  /** The whole prompt at once, without a cache. */
  PREFILL(ModelProgram.FORWARD, ModelFlops.Pass.FORWARD),
  /** The cache stays on the device. */
  DECODE(ModelProgram.DECODE, ModelFlops.Pass.FORWARD);

  private final ModelProgram program;
  private final ModelFlops.Pass pass;

  ProgramKind(ModelProgram program, ModelFlops.Pass pass) {
    this.program = program;
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
  void requireSupported(ModelVariant model, NextTokenLoss loss) {
    if (this != TRAIN && loss.pieces() > 1) {
      throw new InvalidInput(
          "--loss-pieces is %d and --program %s, which has no loss; leave one of them out"
              .formatted(loss.pieces(), label()));
    }
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

  /** What is traced. */
  ModelProgram program() {
    return program;
  }
}
