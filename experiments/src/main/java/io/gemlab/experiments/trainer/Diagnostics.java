package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.train.StepResult;
import io.gemlab.experiments.train.TrainingHook;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.AttentionPass;
import io.gemlab.graph.path.Executable;

/**
 * {@code diagnostics.jsonl}: of every so many steps, the attention logits of each layer over the
 * step's first micro-batch, by the weights after it, and what bfloat16 would lose of the step.
 *
 * @param log where
 * @param board where TensorBoard finds it
 * @param executable holds the weights
 * @param function the attention scores, as {@link AttentionPass} traced them
 * @param every steps from one to the next
 */
record Diagnostics(JsonLog log, EventFile board, Executable executable, String function, int every)
    implements TrainingHook {
  /** By layer, the share of attention logits beyond 0.9 of the cap; left out without a cap. */
  static final String NEAR_CAP = "attention_near_cap";

  /** By layer, the largest magnitude of an attention logit before the cap. */
  static final String LARGEST = "largest_attention_logit";

  @Override
  public void onStep(StepResult result) {
    if (result.step() % every != 0) return;
    ObjectNode line = JsonLog.line(result.step());
    result.rounding().lost().ifPresent(lost -> line.put(Metrics.LOST, (float) lost.share()));
    try (Results scores =
        executable.run(function, result.batches().getFirst().tokens().arguments())) {
      put(line, LARGEST, scores, AttentionPass.LARGEST);
      if (scores.tensors().containsKey(AttentionPass.NEAR_CAP)) {
        put(line, NEAR_CAP, scores, AttentionPass.NEAR_CAP);
      }
    }
    log.add(line);
    board.write(line, Curve.OF_DIAGNOSTICS);
  }

  private static void put(ObjectNode line, String key, Results scores, String result) {
    ArrayNode values = line.putArray(key);
    for (float value : scores.get(result).floats()) values.add(value);
  }
}
