package io.gemlab.experiments.conformance;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What each behaviour gives for a probe, by the float64 reference. */
public final class Expectation {
  /**
   * Logits with at least this cosine to a behaviour's are that behaviour's, rounding aside; two
   * behaviours with less between them can't be taken for each other.
   */
  static final double ALIKE = 0.97;

  private final Probe probe;
  private final Map<Behaviour, Logits> logits = new EnumMap<>(Behaviour.class);

  private Expectation(Probe probe) {
    this.probe = probe;
    for (Behaviour behaviour : Behaviour.values()) {
      logits.put(behaviour, behaviour.logits(probe));
    }
  }

  /** Computes it. */
  public static Expectation of(Probe probe) {
    return new Expectation(probe);
  }

  Probe probe() {
    return probe;
  }

  Logits logits(Behaviour behaviour) {
    return logits.get(behaviour);
  }

  /** The cosine of two behaviours' logits. */
  double cosine(Behaviour one, Behaviour other) {
    return logits(one).cosine(logits(other));
  }

  /** What can't be taken for {@code asked} by its logits for this probe. */
  List<Behaviour> toldFrom(Behaviour asked) {
    return Arrays.stream(Behaviour.values()).filter(other -> cosine(asked, other) < ALIKE).toList();
  }

  /**
   * Judges logits.
   *
   * @param got of this probe's tokens, of the shape of {@link #logits}
   * @param asked what they should show
   */
  Judgement judge(Logits got, Behaviour asked) {
    Behaviour nearest = asked;
    for (Behaviour other : toldFrom(asked)) {
      if (got.cosine(logits(other)) > got.cosine(logits(nearest))) nearest = other;
    }
    // A NaN is like nothing.
    boolean alike = got.cosine(logits(nearest)) >= ALIKE;
    return new Judgement(
        asked,
        got.cosine(logits(asked)),
        got.largestDifference(logits(asked)),
        alike ? Optional.of(nearest) : Optional.empty());
  }
}
