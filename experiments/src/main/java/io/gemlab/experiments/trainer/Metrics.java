package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.train.StepResult;
import io.gemlab.experiments.train.TrainingHook;

/**
 * {@code metrics.jsonl}: what each step gave.
 *
 * @param log where
 */
record Metrics(JsonLog log) implements TrainingHook {
  static final String LOSS = "loss";
  static final String LOSS_SUM = "loss_sum";
  static final String TOKENS = "tokens";
  static final String GRADIENT_NORM = "grad_norm";
  static final String LEARNING_RATE = "learning_rate";
  static final String BATCH_SHA256 = "batch_sha256";
  static final String SECONDS = "seconds";

  @Override
  public void onStep(StepResult result) {
    ObjectNode line = JsonLog.line(result.step());
    line.put(LOSS, result.loss());
    line.put(LOSS_SUM, result.lossSum());
    line.put(TOKENS, result.tokens());
    line.put(GRADIENT_NORM, (float) result.gradientNorm().orElseThrow());
    line.put(LEARNING_RATE, result.learningRate());
    line.put(BATCH_SHA256, result.batch().tokens().sha256());
    line.put(SECONDS, (float) result.seconds());
    log.add(line);
  }
}
