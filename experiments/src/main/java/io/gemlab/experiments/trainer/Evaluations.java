package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.train.StepResult;
import io.gemlab.experiments.train.TrainingHook;
import io.gemlab.experiments.train.Validation;
import java.util.List;
import java.util.function.Supplier;

/**
 * {@code evaluations.jsonl}: the validation loss and samples of text at each point of its curve.
 *
 * @param log where
 * @param board where TensorBoard finds it
 * @param validation measures; it is called here and not by the loop
 * @param samples generates, with the weights as they are
 */
record Evaluations(
    JsonLog log, EventFile board, Validation validation, Supplier<List<Sample>> samples)
    implements TrainingHook {
  static final String LOSS = "validation_loss";
  static final String SECONDS = "seconds";
  static final String SAMPLES = "samples";
  static final String PROMPT = "prompt";
  static final String TEXT = "text";

  /**
   * A text that the model wrote.
   *
   * @param prompt what it began with
   * @param text what came after it
   */
  record Sample(String prompt, String text) {}

  @Override
  public void onStart(int steps) {
    evaluate(() -> validation.onStart(steps));
  }

  @Override
  public void onStep(StepResult result) {
    evaluate(() -> validation.onStep(result));
  }

  private void evaluate(Runnable measure) {
    int before = validation.points().size();
    long begin = System.nanoTime();
    measure.run();
    if (validation.points().size() == before) return;
    Validation.Point point = validation.points().getLast();
    ObjectNode line = JsonLog.line(point.steps()).put(LOSS, point.loss());
    ArrayNode texts = line.putArray(SAMPLES);
    for (Sample sample : samples.get()) {
      texts.addObject().put(PROMPT, sample.prompt()).put(TEXT, sample.text());
    }
    line.put(SECONDS, (float) ((System.nanoTime() - begin) / 1e9));
    log.add(line);
    board.write(line, Curve.OF_EVALUATIONS);
  }
}
