package io.gemlab.reports.statistics;

import io.gemlab.reports.statistics.MainEffects.Estimated;
import io.gemlab.reports.statistics.MainEffects.FactorEffect;
import io.gemlab.reports.statistics.MainEffects.LevelEffect;
import io.gemlab.reports.statistics.MainEffects.NotEstimable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.statistics.distribution.FDistribution;
import org.apache.commons.statistics.distribution.TDistribution;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.math.la.DenseVector;

/**
 * The arithmetic of {@link MainEffects}: the fit itself is Tribuo's, standard errors follow from
 * its residuals as s^2 (X'X)^-1.
 */
final class MainEffectsFit {
  /**
   * Relative to the largest value; smaller residuals and effects are rounding, and count as zero.
   */
  private static final double ROUNDING = 1e-12;

  private final Design design;
  private final EffectScale scale;
  private final Confidence confidence;
  private final LeastSquares fit;
  private final double[] values;
  private final DenseMatrix covarianceUnscaled;
  private final double residualVariance;
  private final double rounding;

  private MainEffectsFit(Design design, EffectScale scale, Confidence confidence, double[] values) {
    this.design = design;
    this.scale = scale;
    this.confidence = confidence;
    this.values = values;
    this.fit = LeastSquares.fit(design, values);
    double largest = 0;
    for (double value : values) largest = Math.max(largest, Math.abs(value));
    this.rounding = ROUNDING * largest;
    double[] residuals = residuals();
    double deviation = Math.sqrt(sumOfSquares(residuals) / degreesOfFreedom());
    this.residualVariance = deviation <= rounding ? 0 : deviation * deviation;
    DenseMatrix columns = columnsWithConstant();
    checkNormalEquations(columns, residuals);
    this.covarianceUnscaled = inverse(columns.matrixMultiply(columns, true, false));
  }

  static MainEffects fit(List<Observation> observations, EffectScale scale, Confidence confidence) {
    if (observations.isEmpty()) {
      return new NotEstimable("there are no complete runs", "look at why the runs failed");
    }
    Design design = new Design(observations);
    double[] values =
        observations.stream().mapToDouble(run -> scale.forward(run.value())).toArray();
    return obstacle(design, observations)
        .<MainEffects>map(refusal -> refusal)
        .orElseGet(() -> new MainEffectsFit(design, scale, confidence, values).estimated());
  }

  /** Why these runs have no main effects, if so. */
  private static Optional<NotEstimable> obstacle(Design design, List<Observation> observations) {
    if (design.factors().isEmpty()) {
      return Optional.of(
          new NotEstimable(
              "no factor was varied: " + design.heldFixed(),
              "run at least one factor at two levels"));
    }
    if (observations.stream().mapToDouble(Observation::value).distinct().count() == 1) {
      return Optional.of(
          new NotEstimable(
              "every run measured " + observations.getFirst().value() + ": no factor moves it",
              "analyse a measure that differs between runs"));
    }
    Optional<Design.Factor> confounded = design.confounded();
    if (confounded.isPresent()) return Optional.of(confounding(design, confounded.get()));
    int unknowns = design.columnNames().size() + 1;
    if (design.runs() <= unknowns) {
      return Optional.of(
          new NotEstimable(
              design.runs()
                  + " runs for "
                  + unknowns
                  + " unknown numbers leave nothing to judge chance by",
              "add a seed, or leave a factor out"));
    }
    return Optional.empty();
  }

  private static NotEstimable confounding(Design design, Design.Factor factor) {
    return design
        .twin(factor)
        .map(
            twin ->
                new NotEstimable(
                    "the same runs have " + twin + ", so their effects can't be told apart",
                    "add an arm that has one without the other, or analyse one of the two factors"))
        .orElseGet(
            () ->
                new NotEstimable(
                    "the other factors determine "
                        + factor.name()
                        + ", so its effects can't be told from theirs",
                    "add arms that vary " + factor.name() + " alone, or leave it out"));
  }

  private Estimated estimated() {
    double total = 0;
    double mean = Arrays.stream(values).average().orElseThrow();
    for (double value : values) total += (value - mean) * (value - mean);
    double residual = residualVariance * degreesOfFreedom();
    List<FactorEffect> factors = design.factors().stream().map(this::factorEffect).toList();
    return new Estimated(
        scale,
        scale.back(fit.intercept()),
        scale.back(
            confidence.around(
                fit.intercept(),
                standardError(coefficients -> coefficients[0] = 1),
                degreesOfFreedom())),
        factors,
        design.heldFixed(),
        degreesOfFreedom(),
        Math.sqrt(residualVariance),
        Math.clamp(1 - residual / total, 0, 1),
        fit.provenance());
  }

  private FactorEffect factorEffect(Design.Factor factor) {
    List<LevelEffect> levels = new ArrayList<>();
    for (int level = 0; level < factor.levels().size(); level++) {
      levels.add(levelEffect(factor, level));
    }
    double f = fStatistic(factor);
    double p =
        f == 0 ? 1 : FDistribution.of(factor.columns(), degreesOfFreedom()).survivalProbability(f);
    return new FactorEffect(factor.name(), levels, f, factor.columns(), p);
  }

  private LevelEffect levelEffect(Design.Factor factor, int level) {
    // The last level has no column: its effect is minus the sum of the others'.
    boolean last = level == factor.columns();
    double effect = 0;
    for (int i = 0; i < factor.columns(); i++) {
      double coefficient = fit.coefficients()[factor.firstColumn() + i];
      if (last) effect -= coefficient;
      else if (i == level) effect = coefficient;
    }
    if (Math.abs(effect) <= rounding) effect = 0;
    double standardError =
        standardError(
            weights -> {
              for (int i = 0; i < factor.columns(); i++) {
                weights[1 + factor.firstColumn() + i] = last ? -1 : i == level ? 1 : 0;
              }
            });
    String name = factor.levels().get(level);
    return new LevelEffect(
        name,
        design.runsWith(factor, name),
        scale.back(effect),
        standardError,
        scale.back(confidence.around(effect, standardError, degreesOfFreedom())),
        pValue(effect, standardError));
  }

  private double pValue(double effect, double standardError) {
    if (effect == 0) return 1;
    return 2
        * TDistribution.of(degreesOfFreedom())
            .survivalProbability(Math.abs(effect) / standardError);
  }

  /** b' (covariance of b)^-1 b / columns, for the coefficients b of one factor. */
  private double fStatistic(Design.Factor factor) {
    int k = factor.columns();
    double[] b = new double[k];
    double[][] block = new double[k][k];
    for (int i = 0; i < k; i++) {
      b[i] = fit.coefficients()[factor.firstColumn() + i];
      if (Math.abs(b[i]) <= rounding) b[i] = 0;
      for (int j = 0; j < k; j++) {
        block[i][j] =
            covarianceUnscaled.get(1 + factor.firstColumn() + i, 1 + factor.firstColumn() + j);
      }
    }
    DenseVector coefficients = DenseVector.createDenseVector(b);
    double explained =
        coefficients.dot(inverse(DenseMatrix.createDenseMatrix(block)).leftMultiply(coefficients));
    return explained == 0 ? 0 : explained / k / residualVariance;
  }

  /** Sets the weights of a combination of the constant and the columns. */
  private interface Combination {
    void set(double[] weights);
  }

  private double standardError(Combination combination) {
    double[] weights = new double[1 + design.columnNames().size()];
    combination.set(weights);
    DenseVector c = DenseVector.createDenseVector(weights);
    return Math.sqrt(residualVariance * c.dot(covarianceUnscaled.leftMultiply(c)));
  }

  private int degreesOfFreedom() {
    return design.runs() - design.columnNames().size() - 1;
  }

  private double[] residuals() {
    double[] residuals = new double[values.length];
    for (int run = 0; run < values.length; run++) {
      residuals[run] = values[run] - fit.predict(design.row(run));
    }
    return residuals;
  }

  private DenseMatrix columnsWithConstant() {
    double[][] matrix = new double[design.runs()][];
    for (int run = 0; run < matrix.length; run++) {
      double[] row = design.row(run);
      matrix[run] = new double[1 + row.length];
      matrix[run][0] = 1;
      System.arraycopy(row, 0, matrix[run], 1, row.length);
    }
    return DenseMatrix.createDenseMatrix(matrix);
  }

  /**
   * At the least-squares solution the residuals are orthogonal to every column. Tribuo stops
   * without a word where it takes a matrix for singular, so this is checked.
   */
  private void checkNormalEquations(DenseMatrix columns, double[] residuals) {
    double[] correlations =
        columns.rightMultiply(DenseVector.createDenseVector(residuals)).toArray();
    for (double correlation : correlations) {
      if (Math.abs(correlation) > 1e3 * rounding * design.runs()) {
        throw new IllegalStateException(
            "Tribuo's fit is not the least-squares solution of the factors "
                + design.columnNames()
                + "; please report this with the runs");
      }
    }
  }

  private static DenseMatrix inverse(DenseMatrix square) {
    return (DenseMatrix)
        square
            .luFactorization()
            .orElseThrow(() -> new IllegalStateException("singular: " + square))
            .inverse();
  }

  private static double sumOfSquares(double[] values) {
    double sum = 0;
    for (double value : values) sum += value * value;
    return sum;
  }
}
