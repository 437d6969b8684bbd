package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What a training run is measured on, and how often.
 *
 * @param fraction the share of the corpus, from its end, that is never trained on
 * @param sequences how many of its sequences are evaluated, evenly spaced over it; all where there
 *     are fewer
 * @param every steps between points of the validation curve
 * @param bigramSmoothing added to the count of each pair of tokens, where a bigram model of the
 *     training text scores the validation text
 */
public record ValidationSpec(double fraction, int sequences, int every, double bigramSmoothing) {
  private static final Key<Double> FRACTION =
      Key.of(
          "validation_fraction",
          Kind.NUMBER,
          Values.FRACTION,
          "fraction of the corpus",
          "What is kept from its end to validate on, and never trained on.");
  private static final Key<Integer> SEQUENCES =
      Key.of(
          "validation_sequences",
          Kind.INTEGER,
          Values.atLeast(1),
          "sequences",
          "How many of them are evaluated, evenly spaced; all where there are fewer.");
  private static final Key<Integer> EVERY =
      Key.of(
          "evaluate_every",
          Kind.INTEGER,
          Values.atLeast(1),
          "steps",
          "Steps from one point of the validation curve to the next; the state is saved there too.");
  private static final Key<Double> BIGRAM_SMOOTHING =
      Key.of(
          "bigram_smoothing",
          Kind.NUMBER,
          Values.POSITIVE,
          "counts",
          "Added to each count of a pair of tokens, where bigrams score the validation text.");

  /** What {@link #of} reads. */
  public static final List<Key<?>> KEYS = List.of(FRACTION, SEQUENCES, EVERY, BIGRAM_SMOOTHING);

  public ValidationSpec {
    Require.fraction("validation_fraction", fraction);
    Require.positive("validation_sequences", sequences);
    Require.positive("evaluate_every", every);
    Require.positive("bigram_smoothing", bigramSmoothing);
  }

  /**
   * Reads {@code validation_fraction}, {@code validation_sequences}, {@code evaluate_every} and
   * {@code bigram_smoothing}.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if a value is missing or can't be
   */
  public static ValidationSpec of(Fields fields) {
    return new ValidationSpec(
        fields.get(FRACTION),
        fields.get(SEQUENCES),
        fields.get(EVERY),
        fields.get(BIGRAM_SMOOTHING));
  }

  /** All of it, for a record. */
  public ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("validation_fraction", fraction)
        .put("validation_sequences", sequences)
        .put("evaluate_every", every)
        .put("bigram_smoothing", bigramSmoothing);
  }
}
