package io.gemlab.experiments.merge.study;

import java.util.List;

/** What models are made by, as records call it. */
final class Arm {
  static final String BASE = "base";
  static final String DECAYED = "decayed";
  static final String LONG = "decayed long";
  static final String POLICIES = "policies";
  static final String MEANS = "means";
  static final String SECOND_POLICIES = "second policies";
  static final String SECOND_MEANS = "second means";
  static final String LITI_MEANS = "LITI means";
  static final String LITI_POLICIES = "LITI policies";
  static final String SLERP_MEANS = "SLERP means";
  static final String SLERP_POLICIES = "SLERP policies";
  static final String LERP_MEANS = "LERP means";
  static final String LERP_POLICIES = "LERP policies";
  static final String SECOND = "second SLERP";

  private static final int LAST = SeedRuns.STEPS;

  /** Where an arm ends, as a table calls it. */
  record End(String name, String arm, double at) {}

  /** A curve, as a chart calls it. Fronts are drawn to eta 1.2, beyond which none gets better. */
  record Curve(String name, String arm) {
    static final double LAST_ETA = 1.2;
  }

  static final List<End> ENDS =
      List.of(
          new End("base", BASE, 0),
          new End("a policy, last weights", POLICIES, LAST),
          new End("a policy, running mean", MEANS, LAST),
          new End("LERP of three, last weights", LERP_POLICIES, 1),
          new End("SLERP of three, last weights", SLERP_POLICIES, 1),
          new End("LERP of three means", LERP_MEANS, 1),
          new End("**SLERP of three means**", SLERP_MEANS, 1),
          new End("its point at eta 0.3", SLERP_MEANS, 0.3),
          new End("second iteration: a policy, running mean", SECOND_MEANS, LAST),
          new End("second iteration: SLERP of three means", SECOND, 1),
          new End("one run whose rate falls", DECAYED, LAST),
          new End("one such run of 3 times the steps", LONG, SeedRuns.POLICIES * LAST));

  static final List<Curve> CURVES =
      List.of(
          new Curve("a policy while it trains", POLICIES),
          new Curve("its running mean", MEANS),
          new Curve("LITI of one mean", LITI_MEANS),
          new Curve("LERP of three means, to eta 1.2", LERP_MEANS),
          new Curve("SLERP of three means", SLERP_MEANS),
          new Curve("second iteration", SECOND));

  private Arm() {}
}
