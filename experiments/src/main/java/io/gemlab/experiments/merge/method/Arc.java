package io.gemlab.experiments.merge.method;

/**
 * Spherical linear interpolation between two vectors.
 *
 * @see <a href="https://dl.acm.org/doi/10.1145/325334.325242">Shoemake 1985</a>
 */
final class Arc {
  private Arc() {}

  /**
   * What two vectors are multiplied by.
   *
   * @param cos of the angle between them, neither 1 nor -1
   * @param t how far from the first, 0, to the second, 1
   */
  static double[] weights(double cos, double t) {
    double angle = Math.acos(cos);
    return new double[] {
      Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)
    };
  }
}
