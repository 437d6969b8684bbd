package io.gemlab.reports.statistics.effects;

import java.util.Arrays;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.math.la.DenseVector;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.slm.SLMTrainer;

/**
 * An ordinary least-squares fit by Tribuo, and how sure its coefficients are. Tribuo's forward
 * selection, allowed every column, ends at the solution without a penalty; its other linear
 * trainers descend by steps or shrink, and end only near it.
 *
 * <p>Coefficient 0 is the constant, coefficient 1 + i belongs to column i of the design.
 */
final class LeastSquares {
  /** Relative to the largest value: what is smaller is rounding, and counts as zero. */
  private static final double ROUNDING = 1e-12;

  /**
   * The residuals of a solution miss being orthogonal to the columns by so many roundings a run.
   */
  private static final double ORTHOGONAL = 1e3;

  /** Tribuo writes a line on each column that it selects. */
  private static final Logger TRIBUO = Logger.getLogger(SLMTrainer.class.getName());

  static {
    TRIBUO.setLevel(Level.WARNING);
  }

  private final double rounding;
  private final double[] coefficients;
  private final double residualVariance;
  private final int residualDegreesOfFreedom;
  private final DenseMatrix inverseInformation;
  private final ModelProvenance provenance;

  /**
   * Fits {@code values} by the columns of the design.
   *
   * @param design with columns that are linearly independent of each other and of the constant, and
   *     fewer of them than runs less one
   * @param values one a run, not all equal
   */
  LeastSquares(Design design, double[] values) {
    String[] columns = design.columnNames().toArray(String[]::new);
    Model<Regressor> model = train(design, columns, values);
    this.provenance = model.getProvenance();
    this.rounding = ROUNDING * Arrays.stream(values).map(Math::abs).max().orElseThrow();
    this.coefficients = coefficients(model, columns);
    this.residualDegreesOfFreedom = values.length - coefficients.length;

    DenseMatrix matrix = withConstant(design);
    DenseVector residuals =
        DenseVector.createDenseVector(values)
            .subtract(matrix.leftMultiply(DenseVector.createDenseVector(coefficients)));
    checkNormalEquations(matrix, residuals, columns);
    double variance = residuals.dot(residuals) / residualDegreesOfFreedom;
    this.residualVariance = variance <= rounding * rounding ? 0 : variance;
    this.inverseInformation = inverse(matrix.matrixMultiply(matrix, true, false));
  }

  private static Model<Regressor> train(Design design, String[] columns, double[] values) {
    RegressionFactory factory = new RegressionFactory();
    MutableDataset<Regressor> runs =
        new MutableDataset<>(
            new SimpleDataSourceProvenance(
                "one example a run of the experiment, factors effect-coded", factory),
            factory);
    for (int run = 0; run < values.length; run++) {
      runs.add(example(values[run], columns, design.row(run)));
    }
    return new SLMTrainer(true).train(runs);
  }

  /** The model has its weights in normalised units only; its predictions are in the measure's. */
  private double[] coefficients(Model<Regressor> model, String[] columns) {
    double[] found = new double[1 + columns.length];
    found[0] = predict(model, columns, new double[columns.length]);
    for (int i = 0; i < columns.length; i++) {
      double[] unit = new double[columns.length];
      unit[i] = 1;
      double coefficient = predict(model, columns, unit) - found[0];
      found[1 + i] = Math.abs(coefficient) <= rounding ? 0 : coefficient;
    }
    return found;
  }

  private static double predict(Model<Regressor> model, String[] columns, double[] row) {
    return model.predict(example(Double.NaN, columns, row)).getOutput().getValues()[0];
  }

  private static Example<Regressor> example(double value, String[] columns, double[] row) {
    return new ArrayExample<>(new Regressor("measure", value), columns, row);
  }

  private static DenseMatrix withConstant(Design design) {
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
   * Tribuo stops without a word where it takes a matrix for singular, so its solution is checked.
   */
  private void checkNormalEquations(DenseMatrix matrix, DenseVector residuals, String[] columns) {
    double largest = matrix.rightMultiply(residuals).maxValue();
    double smallest = matrix.rightMultiply(residuals).minValue();
    if (Math.max(largest, -smallest) > ORTHOGONAL * rounding * residuals.size()) {
      throw new IllegalStateException(
          "Tribuo's fit is not the least-squares solution of the factors "
              + Arrays.toString(columns)
              + "; please report this with the runs");
    }
  }

  private static DenseMatrix inverse(DenseMatrix square) {
    return (DenseMatrix)
        square
            .luFactorization()
            .orElseThrow(() -> new IllegalStateException("singular: " + square))
            .inverse();
  }

  /** The estimate of a combination of coefficients. */
  double estimate(double[] combination) {
    double estimate =
        DenseVector.createDenseVector(combination).dot(DenseVector.createDenseVector(coefficients));
    return Math.abs(estimate) <= rounding ? 0 : estimate;
  }

  /** The standard error of a combination c of coefficients: s sqrt(c' (X'X)^-1 c). */
  double standardError(double[] combination) {
    DenseVector c = DenseVector.createDenseVector(combination);
    return Math.sqrt(residualVariance * c.dot(inverseInformation.leftMultiply(c)));
  }

  /**
   * The F statistic of "all of these coefficients b are zero": b' V^-1 b / (k s^2), where V is
   * their block of (X'X)^-1.
   */
  double fStatistic(int first, int count) {
    double[] b = Arrays.copyOfRange(coefficients, first, first + count);
    double[][] block = new double[count][count];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) block[i][j] = inverseInformation.get(first + i, first + j);
    }
    DenseVector vector = DenseVector.createDenseVector(b);
    double explained =
        vector.dot(inverse(DenseMatrix.createDenseMatrix(block)).leftMultiply(vector));
    return explained == 0 ? 0 : explained / count / residualVariance;
  }

  int coefficientCount() {
    return coefficients.length;
  }

  /** 0 where the columns explain every value to within rounding. */
  double residualVariance() {
    return residualVariance;
  }

  int residualDegreesOfFreedom() {
    return residualDegreesOfFreedom;
  }

  ModelProvenance provenance() {
    return provenance;
  }
}
