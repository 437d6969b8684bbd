package io.gemlab.reports.statistics.effects;

import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import io.gemlab.reports.statistics.effects.MainEffects.Estimated;
import io.gemlab.reports.statistics.effects.MainEffects.FactorEffect;
import io.gemlab.reports.statistics.effects.MainEffects.LevelEffect;
import io.gemlab.reports.statistics.effects.MainEffects.NotEstimable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.FDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/** Turns a least-squares fit of effect-coded columns into the effects of levels. */
final class MainEffectsFit {
  private final Design design;
  private final EffectScale scale;
  private final Confidence confidence;
  private final LeastSquares fit;

  private MainEffectsFit(
      Design design, EffectScale scale, Confidence confidence, LeastSquares fit) {
    this.design = design;
    this.scale = scale;
    this.confidence = confidence;
    this.fit = fit;
  }

  static MainEffects fit(List<Observation> observations, EffectScale scale, Confidence confidence) {
    if (observations.isEmpty()) {
      return new NotEstimable("there are no complete runs", "look at why the runs failed");
    }
    Design design = new Design(observations);
    double[] values =
        observations.stream().mapToDouble(run -> scale.forward(run.value())).toArray();
    return Estimability.obstacle(design, observations)
        .<MainEffects>map(refusal -> refusal)
        .orElseGet(
            () ->
                new MainEffectsFit(design, scale, confidence, new LeastSquares(design, values))
                    .estimated(values));
  }

  private Estimated estimated(double[] values) {
    double[] constant = new double[fit.coefficientCount()];
    constant[0] = 1;
    double mean = fit.estimate(constant);
    return new Estimated(
        scale,
        scale.back(mean),
        scale.back(interval(mean, fit.standardError(constant))),
        design.estimable().stream().map(this::factorEffect).toList(),
        Estimability.aliased(design),
        design.heldFixed(),
        fit.residualDegreesOfFreedom(),
        Math.sqrt(fit.residualVariance()),
        rSquared(values),
        fit.provenance());
  }

  private double rSquared(double[] values) {
    double mean = Arrays.stream(values).average().orElseThrow();
    double total = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    double residual = fit.residualVariance() * fit.residualDegreesOfFreedom();
    return Math.clamp(1 - residual / total, 0, 1);
  }

  private FactorEffect factorEffect(Design.Factor factor) {
    List<LevelEffect> levels = new ArrayList<>();
    for (int level = 0; level < factor.levels().size(); level++) {
      levels.add(levelEffect(factor, level));
    }
    double f = fit.fStatistic(1 + factor.firstColumn(), factor.columns());
    double p =
        FDistribution.of(factor.columns(), fit.residualDegreesOfFreedom()).survivalProbability(f);
    return new FactorEffect(factor.name(), levels, f, factor.columns(), p);
  }

  private LevelEffect levelEffect(Design.Factor factor, int level) {
    double[] combination = new double[fit.coefficientCount()];
    if (level < factor.columns()) {
      combination[1 + factor.firstColumn() + level] = 1;
    } else {
      // The last level has no column: its effect is minus the sum of the others'.
      int first = 1 + factor.firstColumn();
      Arrays.fill(combination, first, first + factor.columns(), -1);
    }
    double effect = fit.estimate(combination);
    double standardError = fit.standardError(combination);
    String name = factor.levels().get(level);
    return new LevelEffect(
        name,
        design.runsWith(factor, name),
        scale.back(effect),
        standardError,
        scale.back(interval(effect, standardError)),
        pValue(effect, standardError));
  }

  private Interval interval(double estimate, double standardError) {
    return confidence.around(estimate, standardError, fit.residualDegreesOfFreedom());
  }

  private double pValue(double effect, double standardError) {
    if (effect == 0) return 1;
    double t = Math.abs(effect) / standardError;
    return 2 * TDistribution.of(fit.residualDegreesOfFreedom()).survivalProbability(t);
  }
}
