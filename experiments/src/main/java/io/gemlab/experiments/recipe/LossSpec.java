package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.train.NextTokenLoss;
import java.util.List;

/**
 * What is minimised where nobody teaches: cross-entropy of the next token.
 *
 * @param labelSmoothing the share of a label that all tokens have in common, from 0 to below 1
 */
public record LossSpec(double labelSmoothing) {
  private static final Key<Double> LABEL_SMOOTHING =
      Key.of(
          "label_smoothing",
          Kind.NUMBER,
          Values.fromToBelow(0, 1),
          "fraction of a label",
          "What all tokens of the vocabulary have of a label in common, the next token the rest; of"
              + " training alone, and only where nobody teaches.");

  /** What {@link #of} reads. */
  public static final List<Key<?>> KEYS = List.of(LABEL_SMOOTHING);

  public LossSpec {
    NextTokenLoss.requireSmoothing(labelSmoothing);
  }

  /**
   * Reads {@code label_smoothing}.
   *
   * @throws InvalidInput if it is missing or can't be
   */
  public static LossSpec of(Fields fields) {
    return new LossSpec(fields.get(LABEL_SMOOTHING));
  }

  /** What a training step is traced with; {@code pieces} as of {@link NextTokenLoss}. */
  public NextTokenLoss loss(int pieces) {
    return new NextTokenLoss(pieces, labelSmoothing);
  }

  /**
   * Checks that nothing is asked of labels that are not learnt from.
   *
   * @throws InvalidInput if labels are to be smoothed
   */
  public void requirePlain() {
    if (labelSmoothing == 0) return;
    throw new InvalidInput(
        "%s is %s and there is a teacher, beside whom labels are taken as they are; give %1$s: 0, or no teacher"
            .formatted(LABEL_SMOOTHING.name(), labelSmoothing));
  }

  /** What differs from the usual loss, for a record. */
  public ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    return labelSmoothing == 0 ? json : json.put(LABEL_SMOOTHING.name(), labelSmoothing);
  }
}
