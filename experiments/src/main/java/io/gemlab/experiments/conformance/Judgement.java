package io.gemlab.experiments.conformance;

import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.Precision;
import java.util.Optional;

/**
 * What logits show.
 *
 * @param asked what they should show
 * @param cosine to the logits of that
 * @param largestDifference from the logits of that, absolute
 * @param seen the behaviour that they show; empty where they are like none of those known
 */
public record Judgement(
    Behaviour asked, double cosine, double largestDifference, Optional<Behaviour> seen) {
  /** How far float32 may be from float64. */
  static final double FLOAT32_TOLERANCE = 1e-3;

  /** Whether they show what they should, as closely as the configuration's numbers allow. */
  boolean passes(Configuration configuration) {
    boolean exact =
        configuration.precision() == Precision.FLOAT32
            && configuration.quantization() == Quantization.NONE;
    return conforms() && (!exact || largestDifference <= FLOAT32_TOLERANCE);
  }

  /** Whether they show what they should, rounding aside. */
  public boolean conforms() {
    return seen.isPresent() && seen.get() == asked;
  }

  /** What they show, for people. */
  public String words() {
    return seen.map(Behaviour::words).orElse("like no behaviour known");
  }
}
