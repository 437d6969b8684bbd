package io.gemlab.reports.statistics.items;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * How much a score depends on the way it is asked for: the same items in several formats, and the
 * variance of all answers divided among items, formats, and both together (a two-way analysis of
 * variance with random effects, one answer a cell).
 *
 * @param items how many
 * @param formats how many
 * @param scores the mean of each format
 * @param mean of all answers
 * @param standardDeviation of the formats' scores, with n - 1 in the denominator: what Gemma 2's
 *     report gives for 12 formats
 * @param ofItems variance that an item keeps in all formats
 * @param ofFormats variance that a format has on all items
 * @param ofBoth the rest: items that are answered otherwise in some formats
 * @see <a href="https://arxiv.org/abs/2408.00118">Gemma 2 report, impact of formatting</a>
 */
public record FormatSpread(
    int items,
    int formats,
    double[] scores,
    double mean,
    double standardDeviation,
    double ofItems,
    double ofFormats,
    double ofBoth) {

  /**
   * Divides the variance.
   *
   * @param values one row an item, one column a format; two or more of both
   */
  public static FormatSpread of(double[][] values) {
    int items = values.length;
    int formats = items == 0 ? 0 : values[0].length;
    if (items < 2 || formats < 2) {
      throw new IllegalArgumentException(
          items + " items in " + formats + " formats; a spread needs two or more of both");
    }
    double[] ofItem = Arrays.stream(values).mapToDouble(FormatSpread::mean).toArray();
    double[] ofFormat = new double[formats];
    for (int f = 0; f < formats; f++) {
      int format = f;
      ofFormat[f] = mean(Arrays.stream(values).mapToDouble(row -> row[format]).toArray());
    }
    double mean = mean(ofItem);
    double rest = 0;
    for (int i = 0; i < items; i++) {
      for (int f = 0; f < formats; f++) {
        rest += square(values[i][f] - ofItem[i] - ofFormat[f] + mean);
      }
    }
    double both = rest / ((items - 1.0) * (formats - 1));
    double betweenItems = formats * squares(ofItem, mean) / (items - 1);
    double betweenFormats = items * squares(ofFormat, mean) / (formats - 1);
    return new FormatSpread(
        items,
        formats,
        ofFormat,
        mean,
        Math.sqrt(squares(ofFormat, mean) / (formats - 1)),
        Math.max(0, (betweenItems - both) / formats),
        Math.max(0, (betweenFormats - both) / items),
        both);
  }

  /** All of the variance. */
  public double total() {
    return ofItems + ofFormats + ofBoth;
  }

  private static double mean(double[] values) {
    return DoubleStream.of(values).sum() / values.length;
  }

  private static double squares(double[] values, double mean) {
    return DoubleStream.of(values).map(value -> square(value - mean)).sum();
  }

  private static double square(double value) {
    return value * value;
  }
}
