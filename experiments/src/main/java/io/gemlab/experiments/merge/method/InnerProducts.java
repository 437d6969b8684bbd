package io.gemlab.experiments.merge.method;

/**
 * The inner products of a tensor's inputs, or of their differences from the base, in float64. All
 * that the spherical methods ask of the inputs is in them, so one pass is enough, however often a
 * method iterates.
 */
public final class InnerProducts {
  private final Grouping grouping;
  private final double[][][] sums;

  private InnerProducts(int vectors, Grouping grouping) {
    this.grouping = grouping;
    this.sums = new double[vectors][vectors][];
    for (int a = 0; a < vectors; a++) {
      for (int b = 0; b <= a; b++) sums[a][b] = new double[grouping.groups()];
    }
  }

  /** Those of all inputs that aren't the base, which is subtracted where there is one. */
  static InnerProducts of(TensorInputs inputs, Grouping grouping) {
    int[] models = inputs.models();
    InnerProducts products = new InnerProducts(models.length, grouping);
    inputs.forEachPiece(
        (first, count, values_MN) -> {
          float[][] vectors_MN = Differences.of(inputs, count, values_MN);
          for (int a = 0; a < models.length; a++) {
            for (int b = 0; b <= a; b++) {
              products.add(a, b, first, count, vectors_MN[models[a]], vectors_MN[models[b]]);
            }
          }
        });
    return products;
  }

  private void add(int a, int b, long first, int count, float[] a_N, float[] b_N) {
    double[] sum_G = sums[a][b];
    if (grouping.stride() == 1) {
      for (int from = 0; from < count; ) {
        int group = grouping.of(first + from);
        long end = (group + 1) * grouping.length() - first;
        int to = (int) Math.min(count, end);
        sum_G[group] += Sums.dot(a_N, b_N, from, to);
        from = to;
      }
    } else {
      for (int i = 0; i < count; i++) sum_G[grouping.of(first + i)] += (double) a_N[i] * b_N[i];
    }
  }

  /** How many vectors there are. */
  int vectors() {
    return sums.length;
  }

  Grouping grouping() {
    return grouping;
  }

  /** Of two whole tensors, in the order of the inputs without the base. */
  public double of(int a, int b) {
    return of(a, b, 0);
  }

  /** Of two vectors. */
  double of(int a, int b, int group) {
    return a >= b ? sums[a][b][group] : sums[b][a][group];
  }

  /** The length of a vector. */
  double norm(int vector, int group) {
    return Math.sqrt(of(vector, vector, group));
  }

  /** The length of a sum of vectors times coefficients. */
  double norm(double[] coefficients, int group) {
    double sum = 0;
    for (int a = 0; a < vectors(); a++) sum += coefficients[a] * of(a, coefficients, group);
    return Math.sqrt(Math.max(0, sum));
  }

  /** Of a vector and a sum of vectors times coefficients. */
  double of(int vector, double[] coefficients, int group) {
    double sum = 0;
    for (int b = 0; b < vectors(); b++) sum += coefficients[b] * of(vector, b, group);
    return sum;
  }
}
