package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.train.StepResult;
import io.gemlab.experiments.train.TrainingHook;
import io.gemlab.graph.base.batch.LabelledBatch;
import java.util.OptionalInt;

/**
 * {@code metrics.jsonl}: what each step gave.
 *
 * @param log where
 * @param board where TensorBoard finds it
 * @param speed what steps are compared with
 * @param bos the token that begins a document; empty where none does
 */
record Metrics(JsonLog log, EventFile board, StepSpeed speed, OptionalInt bos)
    implements TrainingHook {
  static final String LOSS = "loss";
  static final String LOSS_SUM = "loss_sum";
  static final String TOKENS = "tokens";
  static final String GRADIENT_NORM = "grad_norm";
  static final String LEARNING_RATE = "learning_rate";
  static final String BATCH_SHA256 = "batch_sha256";
  static final String SECONDS = "seconds";

  /**
   * Of workers that train together, what their sums took beyond worker 0's own part of the step.
   */
  static final String REDUCE_SECONDS = "reduce_seconds";

  static final String TOKENS_PER_SECOND = "tokens_per_second";

  /** How many documents begin in the batch: its BOS tokens. */
  static final String BOS = "bos";

  /** What the architecture asks for. */
  static final String FLOPS = "model_flops";

  /** Model FLOPs utilization, where there is a rate to compare with. */
  static final String MFU = "mfu";

  /** Where a step was not taken. */
  static final String APPLIED = "applied";

  /** What a float16 run's loss was multiplied by. */
  static final String LOSS_SCALE = "loss_scale";

  /** The share of weights, stored in bfloat16, that the step left as they were. */
  static final String UNCHANGED = "unchanged_share";

  /** The share of moves that would be lost if weights were stored in bfloat16. */
  static final String LOST = "lost_in_bfloat16";

  @Override
  public void onStep(StepResult result) {
    ObjectNode line = JsonLog.line(result.step());
    line.put(LOSS, result.loss());
    line.put(LOSS_SUM, result.lossSum());
    line.put(TOKENS, result.tokens());
    line.put(GRADIENT_NORM, result.gradientNorm());
    line.put(LEARNING_RATE, result.learningRate());
    line.put(BATCH_SHA256, LabelledBatch.sha256(result.batches()));
    bos.ifPresent(
        id ->
            line.put(
                BOS, result.batches().stream().mapToInt(batch -> batch.tokens().count(id)).sum()));
    if (!result.applied()) line.put(APPLIED, false);
    result.rounding().lossScale().ifPresent(scale -> line.put(LOSS_SCALE, (float) scale));
    result.rounding().unchanged().ifPresent(share -> line.put(UNCHANGED, (float) share));
    result.rounding().lost().ifPresent(lost -> line.put(LOST, (float) lost.share()));
    line.put(SECONDS, (float) result.seconds());
    result.reduceSeconds().ifPresent(seconds -> line.put(REDUCE_SECONDS, (float) seconds));
    line.put(TOKENS_PER_SECOND, (float) result.tokensPerSecond());
    double flops = speed.flops(result);
    line.put(FLOPS, flops);
    speed.mfu(flops, result.seconds()).ifPresent(share -> line.put(MFU, (float) share));
    log.add(line);
    board.write(line, Curve.OF_STEPS);
  }
}
