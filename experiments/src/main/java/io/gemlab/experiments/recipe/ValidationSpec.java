package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

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
        fields.number("validation_fraction"),
        fields.integer("validation_sequences"),
        fields.integer("evaluate_every"),
        fields.number("bigram_smoothing"));
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
