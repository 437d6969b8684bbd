package io.gemlab.experiments.run;

import io.gemlab.reports.Quantity;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.record.Measurement.Better;
import io.gemlab.reports.record.Series;
import java.util.List;
import org.apache.commons.statistics.descriptive.Median;

/**
 * What a run measures: what its records call it, and what a report finds it by.
 *
 * @param quantity name and unit; a name means the same in every record there is, so it never
 *     changes
 * @param better which values are better
 */
public record Measure(Quantity quantity, Better better) {
  public Measure(String name, String unit, Better better) {
    this(new Quantity(name, unit), better);
  }

  public String name() {
    return quantity.name();
  }

  /** A value of it. */
  public Measurement of(double value) {
    return Measurement.newBuilder()
        .setName(quantity.name())
        .setUnit(quantity.unit())
        .setValue(value)
        .setBetter(better)
        .build();
  }

  /** Its values over something else. */
  public Series curve(String x, List<? extends Number> xs, List<? extends Number> ys) {
    Series.Builder series =
        Series.newBuilder().setName(quantity.name()).setUnit(quantity.unit()).setXName(x);
    for (int i = 0; i < ys.size(); i++) {
      series.addX(xs.get(i).doubleValue()).addY(ys.get(i).doubleValue());
    }
    return series.build();
  }

  /** The median of some values, all of them beside it. */
  public Measurement median(List<Double> samples) {
    double[] values = samples.stream().mapToDouble(Double::doubleValue).toArray();
    return of(Median.withDefaults().evaluate(values)).toBuilder().addAllSamples(samples).build();
  }
}
