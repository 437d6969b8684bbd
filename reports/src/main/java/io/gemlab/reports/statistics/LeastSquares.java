package io.gemlab.reports.statistics;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.slm.SLMTrainer;

/**
 * An ordinary least-squares fit by Tribuo: its forward selection, allowed every column, ends at the
 * solution without a penalty. Tribuo's other linear trainers descend by steps or shrink, and end
 * only near it.
 *
 * @param intercept the fitted value where all columns are zero
 * @param coefficients one a column
 * @param provenance Tribuo's account of the fit
 */
record LeastSquares(double intercept, double[] coefficients, ModelProvenance provenance) {
  /** Tribuo writes a line on each column that it selects. */
  private static final Logger TRIBUO = Logger.getLogger(SLMTrainer.class.getName());

  static {
    TRIBUO.setLevel(Level.WARNING);
  }

  /**
   * Fits {@code values} by the design's columns, which are linearly independent of each other and
   * of the constant.
   *
   * @param values one a run, not all equal
   */
  static LeastSquares fit(Design design, double[] values) {
    String[] columns = design.columnNames().toArray(String[]::new);
    RegressionFactory factory = new RegressionFactory();
    MutableDataset<Regressor> runs =
        new MutableDataset<>(
            new SimpleDataSourceProvenance(
                "one example a run of the experiment, factors effect-coded", factory),
            factory);
    for (int run = 0; run < values.length; run++) {
      runs.add(new ArrayExample<>(new Regressor("measure", values[run]), columns, design.row(run)));
    }
    Model<Regressor> model = new SLMTrainer(true).train(runs);

    // The model publishes its weights in normalised units only; its predictions are in the
    // measure's.
    double intercept = predict(model, columns, new double[columns.length]);
    double[] coefficients = new double[columns.length];
    for (int i = 0; i < columns.length; i++) {
      double[] unit = new double[columns.length];
      unit[i] = 1;
      coefficients[i] = predict(model, columns, unit) - intercept;
    }
    return new LeastSquares(intercept, coefficients, model.getProvenance());
  }

  double predict(double[] row) {
    double sum = intercept;
    for (int i = 0; i < row.length; i++) sum += coefficients[i] * row[i];
    return sum;
  }

  private static double predict(Model<Regressor> model, String[] columns, double[] row) {
    Example<Regressor> example =
        new ArrayExample<>(new Regressor("measure", Double.NaN), columns, row);
    return model.predict(example).getOutput().getValues()[0];
  }
}
