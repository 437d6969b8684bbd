package io.gemlab.reports.statistics.effects;

import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import java.util.List;
import org.tribuo.provenance.ModelProvenance;

/**
 * How much each factor of a grid of runs moves a measure, all factors taken together: a linear
 * model without interactions, fitted by least squares.
 *
 * <p>Levels are effect-coded: an effect is the level's distance from the mean over the levels of
 * its factor, and the effects of one factor add up to zero (multiply to one on {@link
 * EffectScale#RATIO}). {@code measure = mean + effect(attention) + effect(path) + ... + scatter}.
 */
public sealed interface MainEffects {

  /**
   * Estimates the effects.
   *
   * @param observations one a run, all with the same factors; factors with a single level are held
   *     fixed
   * @throws IllegalArgumentException if runs differ in their factors, or the scale does not suit
   *     the values
   */
  static MainEffects of(List<Observation> observations, EffectScale scale, Confidence confidence) {
    return MainEffectsFit.fit(observations, scale, confidence);
  }

  /**
   * The effects and how sure they are.
   *
   * @param scale of all effects
   * @param mean the mean over all combinations of levels, in the measure's unit; on {@link
   *     EffectScale#RATIO} the geometric mean; where factors are aliased, over the levels of the
   *     first of them
   * @param factors one a factor with two levels or more whose effects can be told from the others',
   *     in the order of the first observation
   * @param aliased the factors whose effects can't
   * @param heldFixed factors with a single level, about which nothing can be said
   * @param residualDegreesOfFreedom runs less estimated numbers, 1 or more
   * @param residualStandardDeviation what the factors leave unexplained; on {@link
   *     EffectScale#RATIO} of the natural logarithm
   * @param rSquared the share of the measure's variance that the factors explain, in [0, 1]
   * @param provenance Tribuo's own account of the fit: trainer, options, data, versions, machine
   */
  record Estimated(
      EffectScale scale,
      double mean,
      Interval meanInterval,
      List<FactorEffect> factors,
      List<Aliased> aliased,
      List<FactorLevel> heldFixed,
      int residualDegreesOfFreedom,
      double residualStandardDeviation,
      double rSquared,
      ModelProvenance provenance)
      implements MainEffects {
    public Estimated {
      factors = List.copyOf(factors);
      aliased = List.copyOf(aliased);
      heldFixed = List.copyOf(heldFixed);
    }
  }

  /**
   * A factor whose effects can't be told from those of others.
   *
   * @param factor its name
   * @param reason why not
   * @param remedy what would help
   */
  record Aliased(String factor, String reason, String remedy) {}

  /**
   * The runs can't answer.
   *
   * @param reason why not
   * @param remedy what would
   */
  record NotEstimable(String reason, String remedy) implements MainEffects {}

  /**
   * One factor.
   *
   * @param factor its name
   * @param levels the effect of each level, in the order in which the runs first use them
   * @param fStatistic of the hypothesis that no level of the factor has an effect, the other
   *     factors being in the model (partial F, "type III")
   * @param degreesOfFreedom levels - 1, the numerator's; the denominator's are the residual's
   * @param pValue of that hypothesis
   */
  record FactorEffect(
      String factor,
      List<LevelEffect> levels,
      double fStatistic,
      int degreesOfFreedom,
      double pValue) {
    public FactorEffect {
      levels = List.copyOf(levels);
    }
  }

  /**
   * One level of a factor.
   *
   * @param level its name
   * @param runs how many runs had it
   * @param effect against the mean over the factor's levels: a difference in the measure's unit, or
   *     a ratio
   * @param standardError of the effect; on {@link EffectScale#RATIO} of its natural logarithm
   * @param interval Student's t interval of the effect
   * @param pValue two-sided, of the hypothesis that this level has no effect
   */
  record LevelEffect(
      String level,
      int runs,
      double effect,
      double standardError,
      Interval interval,
      double pValue) {}
}
