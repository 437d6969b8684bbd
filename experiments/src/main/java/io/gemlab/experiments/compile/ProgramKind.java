package io.gemlab.experiments.compile;

import io.gemlab.graph.InvalidInput;
import io.gemlab.graph.NearestName;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.tpu.hlo.MatrixFlops;
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
  TRAIN(MatrixFlops.Pass.TRAINING),
  /** The forward pass over the whole prompt, logits of every position. */
  PREFILL(MatrixFlops.Pass.FORWARD);

  /** Its numbers are constants of the program and don't change what it costs. */
  private static final TrainStep.Optimizer OPTIMIZER =
      new TrainStep.Optimizer(
          new AdamW(0.9, 0.95, 1e-8, 0.1), LearningRate.constant(1e-3), OptionalDouble.of(1));

  private final MatrixFlops.Pass pass;

  ProgramKind(MatrixFlops.Pass pass) {
    this.pass = pass;
  }

  /**
   * @throws io.gemlab.graph.InvalidInput if there is no such program
   */
  static ProgramKind of(String label) {
    if (label.equals("decode")) {
      throw new InvalidInput("--program \"decode\" is not there yet; give train or prefill");
    }
    List<String> known = Arrays.stream(values()).map(ProgramKind::label).toList();
    if (!known.contains(label)) throw NearestName.unknown("--program", label, known);
    return valueOf(label.toUpperCase(Locale.ROOT));
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** How often it computes each of the model's products. */
  MatrixFlops.Pass pass() {
    return pass;
  }

  /** Traces it for rows of tokens. */
  GraphFunction trace(Gemma2Model<?> model, int rows, int length) {
    return switch (this) {
      case TRAIN ->
          new TrainStep<>(model, new TrainingLoss.Batch(rows, length), new NextTokenLoss())
              .trace(label(), OPTIMIZER);
      case PREFILL ->
          new ForwardPass<>(model, rows, length).trace(label(), ForwardPass.Returns.LOGITS_ONLY);
    };
  }
}
